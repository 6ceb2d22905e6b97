import type { Action, ActionText, OutputPort } from './action.js';
import type { PortNumber } from './ids.js';

/** Group types in the order of their numbers at the native boundary (OpenFlow 1.3, section 5.6.1); `indirect` is `all` of one bucket. */
export const groupTypes = ['all', 'select', 'ff', 'indirect'] as const;
export type GroupType = (typeof groupTypes)[number];

/** `five_tuple` tells the directions of a connection apart, `symmetric` sends both to one bucket. */
export const groupHashes = ['five_tuple', 'symmetric'] as const;
export type GroupHash = (typeof groupHashes)[number];

/** A group as people and the API write it. */
export interface GroupText {
  /** 0 to 0xffffff00, of the owner's own. */
  readonly group: number;
  readonly type: GroupType;
  /** Of a select group; `five_tuple` where left out. */
  readonly hash?: GroupHash;
  readonly buckets: readonly BucketText[];
}

export interface BucketText {
  /** Of a select group; 1 where left out. A bucket of weight 0 gets nothing. */
  readonly weight?: number;
  /** The bucket is alive while this port's link is up. */
  readonly watch_port?: OutputPort;
  /** The bucket is alive while this group has a bucket that is alive. */
  readonly watch_group?: number;
  readonly actions: readonly ActionText[];
}

/** A group in canonical form. */
export interface Group {
  readonly group: number;
  readonly type: GroupType;
  readonly hash: GroupHash;
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  readonly weight: number;
  readonly watchPort: PortNumber | undefined;
  readonly watchGroup: number | undefined;
  /** No instructions: output, set_field, group and the like. */
  readonly actions: readonly Action[];
}

export const maxGroupId = 0xffff_ff00;
export const maxBuckets = 64;
/** Groups that send to groups, itself included. */
export const maxGroupDepth = 4;
