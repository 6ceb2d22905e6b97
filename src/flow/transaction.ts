import { isWritten } from '../model/flow.js';
import type { Group } from '../model/group.js';
import type { PlacedGroup, Rule, RuleTransaction, SteeringRule, TenantSlot } from '../switch/types.js';
import type { Entry } from './book.js';
import { sameBuckets } from './diff.js';
import type { Kept } from './kept.js';
import { placedGroup, placementsOf, rankOfFlow, steeringOf, type Numbering, type OwnedFlow } from './rules.js';
import { sameActions } from './syntax/action-text.js';
import { matchKey } from './syntax/match-text.js';
import { identityKey } from './syntax/text.js';
import type { Surroundings, Topology } from './topology.js';

/** A rule that a flow is to have; its id is `noRule` until it gets one. */
export type WantedRule = Rule & { id: number };

export const noRule = -1;

/** A flow that will have rules, and the entry in whose place it comes. */
export interface Wanted {
  readonly flow: OwnedFlow;
  readonly entry: Entry | undefined;
  readonly rules: readonly WantedRule[];
  readonly pointer: string | undefined;
}

export type Steering = ReadonlyMap<string, SteeringRule>;

/** Derived flows of different owners and bands may have one identity. */
export const keyOf = (flow: OwnedFlow): string => {
  const key = identityKey(flow);
  if (isWritten(flow.band)) return key;
  return `${flow.band}/${flow.owner.kind === 'tenant' ? flow.owner.tenant : ''}/${key}`;
};

export function want(
  flow: OwnedFlow,
  entry: Entry | undefined,
  { topology, reach }: Surroundings,
  numbering: Numbering,
  pointer?: string,
): Wanted {
  const { table, match } = flow;
  const rank = rankOfFlow(flow);
  const rules = placementsOf(flow, topology, reach, numbering).map(({ slot, actions }): WantedRule => {
    const id = ruleAt(entry, slot)?.id ?? noRule;
    return { id, slot, table, rank, match, actions };
  });
  return { flow, entry, rules, pointer };
}

const ruleAt = (entry: Entry | undefined, slot: TenantSlot): Rule | undefined => entry?.rules.find((rule) => rule.slot === slot);

/** Whether the data plane has another rule there, or none. */
const isChanged = ({ entry }: Wanted, { slot, actions }: Rule): boolean => {
  const there = ruleAt(entry, slot);
  return there === undefined || !sameActions(there.actions, actions);
};

/** Whether the rules that are wanted differ from those that there are. */
export const differs = (wanted: Wanted): boolean =>
  wanted.rules.length !== wanted.entry?.rules.length || wanted.rules.some((rule) => isChanged(wanted, rule));

/** Rules without an id. */
export function freshRules(wanted: readonly Wanted[]): WantedRule[] {
  const fresh: WantedRule[] = [];
  for (const { rules } of wanted) for (const rule of rules) if (rule.id === noRule) fresh.push(rule);
  return fresh;
}

/** The rules of flows that go, and those of others that are no longer wanted. */
export function goneRules(removed: readonly Entry[], wanted: readonly Wanted[]): Rule[] {
  const gone = removed.flatMap((entry) => entry.rules);
  for (const { entry, rules } of wanted)
    if (entry) gone.push(...entry.rules.filter(({ slot }) => rules.every((rule) => rule.slot !== slot)));
  return gone;
}

/** Rules to add. One whose actions change leaves and comes back under its id, and so keeps its counters. */
export function ruleChanges(wanted: readonly Wanted[]): Pick<RuleTransaction, 'remove' | 'add'> {
  const remove: Rule[] = [];
  const add: Rule[] = [];
  for (const one of wanted) {
    for (const rule of one.rules) {
      if (one.entry && !isChanged(one, rule)) continue;
      const there = ruleAt(one.entry, rule.slot);
      if (there) remove.push(there);
      add.push(rule);
    }
  }
  return { remove, add };
}

/** Groups that are put by the change, and those of which other surroundings make another. */
export function changedGroups(
  put: readonly Kept<Group>[],
  all: () => readonly Kept<Group>[],
  before: Surroundings | undefined,
  around: Surroundings,
  numbering: Numbering,
): PlacedGroup[] {
  const place = (group: Kept<Group>, { topology, reach }: Surroundings): PlacedGroup =>
    placedGroup(group, topology, reach, numbering);
  const placed = put.map((group) => place(group, around));
  if (!before || before === around) return placed;
  const seen = new Set(placed.map(({ number }) => number));
  const again = all().filter(({ number }) => !seen.has(number));
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
