import type { Group } from '../model/group.js';
import type { Owner } from '../model/ids.js';
import type { Meter } from '../model/meter.js';
import type { Entry } from './book.js';
import type { FlowChange } from './change.js';
import { sameEffect, sameBuckets, sameMeter } from './diff.js';
import { Draft } from './draft.js';
import { Findings } from './findings.js';
import { referencesOf, tooDeep, type Reference } from './references.js';
import type { OwnedFlow } from './rules.js';
import type { Kept, Owned } from './kept.js';
import type { Reach, Topology } from './topology.js';

/** What a plan is made against: what an owner has, and may have. */
export interface Desk {
  readonly owner: Owner;
  readonly topology: Topology;
  readonly reach: Reach;
  /** The owner's flows by identityKey. */
  readonly flows: ReadonlyMap<string, Entry>;
  readonly groups: ReadonlyMap<number, Kept<Group>>;
  readonly meters: ReadonlyMap<number, Kept<Meter>>;
}

/** Where the steps of one transaction are done, before anything is installed. */
export class Workbench {
  readonly desk: Desk;
  readonly findings = new Findings();
  readonly flows: Draft<string, Entry, OwnedFlow>;
  readonly groups: Draft<number, Kept<Group>, Owned<Group>>;
  readonly meters: Draft<number, Kept<Meter>, Owned<Meter>>;

  constructor(desk: Desk) {
    this.desk = desk;
    this.flows = new Draft(desk.flows, ({ flow }) => flow);
    this.groups = new Draft(desk.groups, (kept) => kept);
    this.meters = new Draft(desk.meters, (kept) => kept);
  }

  /** What all steps come to. @throws VswitchError with every fault that was found. */
  finish(): FlowChange {
    for (const { value, references } of this.flows.fates.values()) if (value) this.#resolve('FLOW_INVALID', references);
    for (const { value, references } of this.groups.fates.values()) if (value) this.#resolve('GROUP_INVALID', references);
    this.#refuseOrphans();
    this.#refuseDepth();
    this.#refuseWatching();
    this.findings.throwAny();
    return {
      flows: this.flows.change(sameEffect),
      groups: this.groups.change((now, wanted) => sameBuckets(now.value, wanted.value)),
      meters: this.meters.change((now, wanted) => sameMeter(now.value, wanted.value)),
    };
  }

  #has = ({ kind, id }: Reference): boolean => (kind === 'group' ? this.groups : this.meters).get(id) !== undefined;

  #resolve(code: 'FLOW_INVALID' | 'GROUP_INVALID', references: readonly Reference[] = []): void {
    for (const reference of references) {
      if (this.#has(reference)) continue;
      const { kind, id, pointer } = reference;
      const remedy = `add the ${kind} in the same transaction, or before`;
      this.findings.add(code, [{ pointer, value: id, message: `there is no ${kind} ${id}`, remedy }]);
    }
  }

  /** What an untouched group names must stay (OFPGMFC_CHAINED_GROUP). */
  #refuseOrphans(): void {
    const { groups, meters } = this;
    if (groups.fates.size + meters.fates.size === 0) return;
    const gone = [...groups.fates.values(), ...meters.fates.values()].some(({ value }) => value === undefined);
    if (!gone) return;
    for (const [group, { value }] of this.groups.entries()) {
      if (this.groups.fates.has(group)) continue;
      for (const reference of referencesOf(value)) {
        if (this.#has(reference)) continue;
        const { kind, id } = reference;
        const pointer = (kind === 'group' ? this.groups : this.meters).fates.get(id)?.pointer ?? '';
        const remedy = `delete or modify group ${group} in the same transaction`;
        this.findings.add('GROUP_INVALID', [{ pointer, value: id, message: `group ${group} names ${kind} ${id}`, remedy }]);
      }
    }
  }

  #refuseDepth(): void {
    if (this.groups.fates.size === 0) return;
    const groups = new Map([...this.groups.entries()].map(([id, { value }]) => [id, value]));
    for (const [, chain] of tooDeep(groups)) {
      for (const id of chain) {
        const fate = this.groups.fates.get(id);
        if (!fate) continue;
        const message = 'groups that name each other make a chain that is too long, or has no end';
        const remedy = 'let at most 4 groups follow each other';
        this.findings.add('GROUP_INVALID', [{ pointer: fate.pointer, value: id, message, remedy }]);
      }
    }
  }

  /** Links are looked for in the watched group's own buckets, not further. */
  #refuseWatching(): void {
    if (this.groups.fates.size === 0) return;
    const watches = new Map([...this.groups.entries()].map(([id, { value }]) => [id, value.buckets]));
    for (const [group, buckets] of watches) {
      buckets.forEach(({ watchGroup: watched }, i) => {
        if (watched === undefined || watches.get(watched)?.every((bucket) => bucket.watchGroup === undefined) !== false) return;
        const fate = this.groups.fates.get(group);
        const pointer = fate ? `${fate.pointer}/buckets/${i}/watch_group` : this.groups.fates.get(watched)?.pointer;
        if (pointer === undefined) return;
        const message = `group ${group} watches group ${watched}, which watches a group itself`;
        this.findings.add('GROUP_INVALID', [{ pointer, value: watched, message, remedy: 'let the watched group watch ports' }]);
      });
    }
  }
}
