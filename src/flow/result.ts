import type { InstalledFlow } from '../model/flow.js';
import type { Generation } from '../model/ids.js';
import type { Entry } from './book.js';
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
  const again = returning(flows);
  const replaced = new Set(again.map(({ flow }) => flow.id));
  const idOf = ({ id }: { readonly id: number }): number => id;
  const { added, modified, deleted } = countsOf(flows, again.length);
  return {
    counts: {
      added,
      modified,
      deleted,
      groups: countsOf(groups, twice(groups, idOf)),
      meters: countsOf(meters, twice(meters, idOf)),
    },
    isDeleted: ({ id, band }) => (band === 'operator' || band === 'tenant') && !replaced.has(id),
  };
}

/** Flows in whose place an `add` put another. */
function returning({ remove, add }: FlowChange['flows']): readonly Entry[] {
  if (remove.length === 0 || add.length === 0) return [];
  const added = new Set(add.map(({ value }) => keyOf(value)));
  return remove.filter((entry) => added.has(entry.key));
}

function twice<There extends Wanted, Wanted>({ remove, add }: Change<There, Wanted>, keyOfOne: (one: Wanted) => number): number {
  if (remove.length === 0 || add.length === 0) return 0;
  const keys = new Set(remove.map(keyOfOne));
  return add.filter(({ value }) => keys.has(keyOfOne(value))).length;
}

const countsOf = <There, Wanted>({ remove, add, modify }: Change<There, Wanted>, again: number): Counts => ({
  added: add.length - again,
  modified: modify.length + again,
  deleted: remove.length - again,
});
