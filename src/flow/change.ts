import type { Group } from '../model/group.js';
import type { Meter } from '../model/meter.js';
import type { Entry } from './book.js';
import type { OwnedFlow } from './rules.js';
import type { Kept, Owned } from './kept.js';

/** What is there and goes, what comes, and what is changed in place: this keeps its number and counters. */
export interface Change<There, Wanted> {
  readonly remove: readonly There[];
  /** With its place in the request, where it comes from one. */
  readonly add: readonly { readonly value: Wanted; readonly pointer?: string }[];
  /** `reset`: counted anew from now. */
  readonly modify: readonly { readonly there: There; readonly value: Wanted; readonly reset?: boolean }[];
}

/** A transaction before it is installed. */
export interface FlowChange {
  readonly flows: Change<Entry, OwnedFlow>;
  readonly groups: Change<Kept<Group>, Owned<Group>>;
  readonly meters: Change<Kept<Meter>, Owned<Meter>>;
}

export const noChange = { remove: [], add: [], modify: [] } as const;

export const flowsOnly = (flows: FlowChange['flows']): FlowChange => ({ flows, groups: noChange, meters: noChange });

export const isEmpty = ({ remove, add, modify }: Change<unknown, unknown>): boolean =>
  remove.length + add.length + modify.length === 0;

export const isNothing = ({ flows, groups, meters }: FlowChange): boolean => isEmpty(flows) && isEmpty(groups) && isEmpty(meters);

export const merge = (changes: readonly FlowChange[]): FlowChange => ({
  flows: mergeOf(changes.map(({ flows }) => flows)),
  groups: mergeOf(changes.map(({ groups }) => groups)),
  meters: mergeOf(changes.map(({ meters }) => meters)),
});

const mergeOf = <There, Wanted>(changes: readonly Change<There, Wanted>[]): Change<There, Wanted> => ({
  remove: changes.flatMap(({ remove }) => remove),
  add: changes.flatMap(({ add }) => add),
  modify: changes.flatMap(({ modify }) => modify),
});
