import type { Group } from '../model/group.js';
import type { PlacedGroup, Rule, RuleTransaction, SteeringRule } from '../switch/types.js';
import type { Entry, PlacedRule } from './book.js';
import { sameBuckets } from './diff.js';
import { placedGroup, placementsOf, rankOfFlow, steeringOf, type Numbering, type OwnedFlow } from './rules.js';
import type { Kept } from './kept.js';
import { actionsKey } from './syntax/action-text.js';
import { maskKey, matchKey } from './syntax/match-text.js';
import { identityKey } from './syntax/text.js';
import type { Surroundings, Topology } from './topology.js';

/** A flow that will have rules: ids are numbers of existing rules, or undefined for those that get a new one. */
export interface Wanted {
  readonly flow: OwnedFlow;
  readonly entry: Entry | undefined;
  readonly mask: string;
  readonly rules: readonly { id: number | undefined; readonly rule: Omit<PlacedRule, 'id'>; readonly changed: boolean }[];
  readonly pointer: string | undefined;
}

export type Steering = ReadonlyMap<string, SteeringRule>;

/** Derived flows of different owners and bands may have one identity. */
export const keyOf = (flow: OwnedFlow): string => {
  const key = identityKey(flow);
  if (flow.band !== 'derived' && flow.band !== 'guard') return key;
  return `${flow.band}/${flow.owner.kind === 'tenant' ? flow.owner.tenant : ''}/${key}`;
};

export function want(
  flow: OwnedFlow,
  entry: Entry | undefined,
  { topology, reach }: Surroundings,
  numbering: Numbering,
  pointer?: string,
): Wanted {
  const rules = placementsOf(flow, topology, reach, numbering).map((rule) => {
    const old = entry?.rules.find(({ slot }) => slot === rule.slot);
    return { id: old?.id, rule, changed: !old || actionsKey(old.actions) !== actionsKey(rule.actions) };
  });
  return { flow, entry, mask: entry?.mask ?? maskKey(flow.match), rules, pointer };
}

/** Rules of a kept flow that are no longer wanted. */
export function leaving({ flow, entry, rules }: Wanted): { readonly flow: OwnedFlow; readonly rules: readonly PlacedRule[] } {
  const kept = new Set(rules.map(({ id }) => id));
  return { flow, rules: entry?.rules.filter(({ id }) => !kept.has(id)) ?? [] };
}

/** Rules to add. One whose actions change leaves and comes back under its id, and so keeps its counters. */
export function ruleChanges(wanted: readonly Wanted[], entries: readonly Entry[]): Pick<RuleTransaction, 'remove' | 'add'> {
  const remove: RuleTransaction['remove'][number][] = [];
  const add: Rule[] = [];
  wanted.forEach(({ flow, rules }, i) => {
    const { table, match } = flow;
    rules.forEach(({ id: old, changed }, j) => {
      const placed = entries[i]?.rules[j];
      if (!changed || !placed) return;
      const { id, slot, actions } = placed;
      if (old !== undefined) remove.push({ id: old, slot, table });
      add.push({ id, slot, table, rank: rankOfFlow(flow), match, actions });
    });
  });
  return { remove, add };
}

/** Groups that are put by the change, and those of which other surroundings make another. */
export function changedGroups(
  put: readonly Kept<Group>[],
  all: readonly Kept<Group>[],
  before: Surroundings | undefined,
  around: Surroundings,
  numbering: Numbering,
): PlacedGroup[] {
  const place = (group: Kept<Group>, { topology, reach }: Surroundings): PlacedGroup =>
    placedGroup(group, topology, reach, numbering);
  const placed = put.map((group) => place(group, around));
  if (!before || before === around) return placed;
  const seen = new Set(placed.map(({ number }) => number));
  const again = all.filter(({ number }) => !seen.has(number));
  const moved = again.filter((group) => !sameBuckets(place(group, before).group, place(group, around).group));
  return [...placed, ...moved.map((group) => place(group, around))];
}

/** What the steering rules become. */
export function steeringChanges(
  topology: Topology,
  before: Steering,
  nextId: () => number,
): { readonly now: Steering; readonly remove: RuleTransaction['remove']; readonly add: readonly SteeringRule[] } {
  const rules = steeringOf(topology).map((rule): [string, SteeringRule] => {
    const key = `${rule.slot} ${matchKey(rule.match)}`;
    return [key, before.get(key) ?? { id: nextId(), ...rule }];
  });
  const now = new Map(rules);
  const gone = [...before].filter(([key]) => !now.has(key));
  return {
    now,
    remove: gone.map(([, { id }]) => ({ id, slot: 'steering', table: 0 })),
    add: [...now].flatMap(([key, rule]) => (before.has(key) ? [] : [rule])),
  };
}
