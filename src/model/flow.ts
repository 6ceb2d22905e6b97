import type { Action, ActionText, NumberText, OutputPort } from './action.js';
import type { GroupText } from './group.js';
import type { FlowId, Owner } from './ids.js';
import type { Match, MatchText } from './match.js';
import type { MeterText } from './meter.js';

/** A flow as people and the API write it. */
export interface FlowText {
  readonly table?: number;
  readonly priority?: number;
  readonly match?: MatchText;
  readonly actions: readonly ActionText[];
  readonly cookie?: number | string;
  /** Seconds without a packet, and seconds in all, after which the flow goes; 0 for never. */
  readonly idle_timeout?: number;
  readonly hard_timeout?: number;
}

/** A flow in canonical form. Table, priority and match are its identity within its owner and band (OpenFlow 1.3, section 6.4). */
export interface Flow {
  readonly table: number;
  readonly priority: number;
  readonly match: Match;
  readonly actions: readonly Action[];
  /** 64 bits, chosen by who installs the flow; the switch only keeps it. */
  readonly cookie: bigint;
  /** Seconds, 0 for never. */
  readonly idleTimeout: number;
  readonly hardTimeout: number;
}

export const defaultPriority = 32768;
export const maxPriority = 65535;
export const maxTimeout = 65535;

/**
 * Bands, from weakest to strongest. A flow's rank is `band << 16 | priority`, so that within a table any flow of a higher band wins.
 * Derived flows follow from the config (gateways, routes); tenants override them, their plugins see packets before these, the operator
 * overrides all, and guards (refusals between tenants) can only be changed by the operator's policy and flows.
 */
export const bands = { derived: 0, tenant: 1, plugin: 2, guard: 3, operator: 4 } as const;
export type Band = keyof typeof bands;

/** The band of what an owner writes. */
export const bandOf = (owner: Owner): Band => (owner.kind === 'tenant' && owner.plugin !== undefined ? 'plugin' : owner.kind);

/** Whether somebody wrote it, and it did not follow from the config. */
export const isWritten = (band: Band): boolean => band !== 'derived' && band !== 'guard';

export const rankOf = (band: Band, priority: number): number => bands[band] * 65536 + priority;

export interface InstalledFlow extends Flow {
  readonly id: FlowId;
  readonly owner: Owner;
  readonly band: Band;
}

/** Monotonic since the flow was installed. */
export interface FlowCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** What a flow has done, and for how long it has been there. */
export interface FlowStats extends FlowCounters {
  readonly durationMs: number;
}

/** Why a flow went, in OpenFlow's names (ofp_flow_removed_reason). */
export type RemovalReason = 'idle_timeout' | 'hard_timeout' | 'delete';

/** One step of a transaction: on flows, a group or a meter. */
export type FlowOperation =
  /** Replaces an identical flow. With check_overlap it is refused where a flow of the same priority could match the same packet. */
  | { readonly op: 'add'; readonly flow: FlowText; readonly check_overlap?: boolean }
  /** Changes the actions, and the cookie where one is given; the flows keep their counters unless reset_counts says otherwise. */
  | (FlowFilter & { readonly op: 'modify'; readonly flow: FlowText; readonly reset_counts?: boolean })
  | (FlowFilter & {
      readonly op: 'delete';
      readonly flow: FlowSelector;
      /** Only flows that output there. */
      readonly out_port?: OutputPort;
      readonly out_group?: number;
    })
  | { readonly op: 'add' | 'modify'; readonly group: GroupText }
  /** Deletes the flows that use it, too. */
  | { readonly op: 'delete'; readonly group: { readonly group: number | 'all' } }
  | { readonly op: 'add' | 'modify'; readonly meter: MeterText }
  | { readonly op: 'delete'; readonly meter: { readonly meter: number | 'all' } };

export type FlowSelector = Omit<FlowText, 'actions' | 'idle_timeout' | 'hard_timeout'>;

/** Which flows a modify or delete concerns (OpenFlow 1.3, section 6.4). */
export interface FlowFilter {
  /**
   * True, as where left out: the flow with just this table, priority and match. False: whatever its priority, each flow with a match
   * that is the same or more specific, of the table, or of any where none is given.
   */
  readonly strict?: boolean;
  /** With it, only flows whose cookie equals the given one in these bits. */
  readonly cookie_mask?: NumberText;
}

/** An owner's whole set of flows; groups and meters that are left out stay as they are. */
export interface FlowSet {
  readonly flows: readonly FlowText[];
  readonly groups?: readonly GroupText[];
  readonly meters?: readonly MeterText[];
}
