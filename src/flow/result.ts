import type { InstalledFlow } from '../model/flow.js';
import type { Generation } from '../model/ids.js';
import type { Change, FlowChange } from './change.js';
import { keyOf } from './transaction.js';

export interface Counts {
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
}

/** How many flows, groups and meters a change touched, and the generation since when it holds. */
export interface FlowResult extends Counts {
  readonly generation: Generation;
  readonly groups: Counts;
  readonly meters: Counts;
}

/** What a change comes to. What an `add` put in the place of something with the same identity counts as modified. */
export function resultOf({ flows, groups, meters }: FlowChange): {
  readonly counts: Omit<FlowResult, 'generation'>;
  isDeleted(flow: InstalledFlow): boolean;
} {
  const added = new Set(flows.remove.length === 0 ? [] : flows.add.map(({ value }) => keyOf(value)));
  const again = flows.remove.filter((entry) => added.has(entry.key));
  const replaced = new Set(again.map(({ flow }) => flow.id));
  const idOf = ({ id }: { readonly id: number }): number => id;
  return {
    counts: {
      ...countsOf(flows, again.length),
      groups: countsOf(groups, twice(groups, idOf)),
      meters: countsOf(meters, twice(meters, idOf)),
    },
    isDeleted: ({ id, band }) => (band === 'operator' || band === 'tenant') && !replaced.has(id),
  };
}

function twice<There extends Wanted, Wanted>({ remove, add }: Change<There, Wanted>, keyOfOne: (one: Wanted) => number): number {
  const keys = new Set(remove.map(keyOfOne));
  return add.filter(({ value }) => keys.has(keyOfOne(value))).length;
}

const countsOf = <There, Wanted>({ remove, add, modify }: Change<There, Wanted>, again: number): Counts => ({
  added: add.length - again,
  modified: modify.length + again,
  deleted: remove.length - again,
});
