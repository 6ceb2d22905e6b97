import { flowId, type Generation } from '../model/ids.js';
import type { Rule, RuleCounters, RuleTransaction, SteeringRule } from '../switch/types.js';
import { FlowBook, type Entry, type PlacedRule } from './book.js';
import { MaskCensus, type Counted, type TableCount } from './mask-census.js';
import { RuleIds } from './rule-ids.js';
import { placementsOf, rankOfFlow, steeringOf, type OwnedFlow } from './rules.js';
import { actionsKey } from './syntax/action-text.js';
import { maskKey, matchKey } from './syntax/match-text.js';
import { identityKey } from './syntax/text.js';
import type { Reach, Topology } from './topology.js';

/** What the data plane does for the flow table. */
export interface RulePort {
  /** Resolves when every worker works by the new rules; changes nothing where it rejects. */
  apply(transaction: RuleTransaction): Promise<Generation>;
  /** Two monotonic counts for each id, never reset. */
  ruleCounters(ids: readonly number[]): readonly RuleCounters[];
}

export interface InstallLimits {
  /** Rules of all owners in the data plane. */
  readonly rules: number;
  readonly masksPerTable: number;
}

/** Flows to remove, to add, and to change in place: these keep their ids and counters. */
export interface FlowChange {
  readonly remove: readonly Entry[];
  readonly add: readonly { readonly flow: OwnedFlow; readonly pointer?: string }[];
  readonly modify: readonly { readonly entry: Entry; readonly flow: OwnedFlow }[];
}

/** What a flow's rules depend on beside the flow. */
export interface Surroundings {
  readonly topology: Topology;
  readonly reach: Reach;
}

/** A flow that will have rules: ids are numbers of existing rules, or undefined for those that get a new one. */
interface Wanted {
  readonly flow: OwnedFlow;
  readonly entry: Entry | undefined;
  readonly mask: string;
  readonly rules: readonly { id: number | undefined; readonly rule: Omit<PlacedRule, 'id'>; readonly changed: boolean }[];
  readonly pointer: string | undefined;
}

/** Keeps the data plane's rules and the book of flows in step: one transaction for one change, or nothing. */
export class Installer {
  readonly book = new FlowBook();
  readonly #port: RulePort;
  readonly #ids: RuleIds;
  readonly #census: MaskCensus;
  #steering: ReadonlyMap<string, SteeringRule> = new Map();
  #nextFlow = 1;
  #nextSteering = 0;

  constructor(port: RulePort, limits: InstallLimits) {
    this.#port = port;
    this.#ids = new RuleIds(limits.rules, (ids) => port.ruleCounters(ids));
    this.#census = new MaskCensus(limits.masksPerTable);
  }

  tables(): TableCount[] {
    return this.#census.list();
  }

  counters(entries: readonly (Entry | undefined)[]): { packets: bigint; bytes: bigint }[] {
    const read = this.#ids.counters(entries.flatMap((entry) => entry?.rules.map((rule) => rule.id) ?? []));
    let at = 0;
    return entries.map((entry) => {
      const sum = { packets: 0n, bytes: 0n };
      for (let i = entry?.rules.length ?? 0; i > 0; i--) {
        const counters = read[at++];
        sum.packets += counters?.packets ?? 0n;
        sum.bytes += counters?.bytes ?? 0n;
      }
      return sum;
    });
  }

  /**
   * @param replaced whether the surroundings are other than before: then the rules of all flows are looked at anew.
   * @throws VswitchError LIMIT_EXCEEDED, TABLE_UNBOUNDED, or what `apply` rejects with; nothing is changed then.
   */
  async install(change: FlowChange, around: Surroundings, replaced: boolean): Promise<Generation> {
    const wanted = this.#wanted(change, around, replaced);
    const gone = [...change.remove.flatMap(({ rules }) => rules), ...wanted.flatMap(leaving)];
    const goneIds = gone.map(({ id }) => id);
    const uncounted = change.remove
      .flatMap(countedEntry)
      .concat(wanted.flatMap(({ entry }) => (entry ? countedEntry(entry) : [])));
    const counted = wanted.flatMap(countedWanted);
    this.#census.check(uncounted, counted);
    const missing = wanted.reduce((sum, { rules }) => sum + rules.filter(({ id }) => id === undefined).length, 0);
    const reserved = this.#ids.reserve(missing, goneIds);
    let at = 0;
    const entries = wanted.map((item) => this.#entry(item, () => reserved.ids[at++] ?? -1));
    const steering = replaced ? this.#steer(around.topology) : undefined;
    try {
      const generation = await this.#port.apply(transactionOf(gone, wanted, entries, steering, this.#steering));
      this.#ids.commit(reserved, goneIds);
      this.#census.commit(uncounted, counted);
      for (const entry of change.remove) this.book.remove(entry);
      for (const entry of entries) this.book.put(entry);
      if (steering) this.#steering = steering;
      return generation;
    } catch (error) {
      this.#ids.cancel(reserved);
      throw error;
    }
  }

  #wanted({ remove, add, modify }: FlowChange, around: Surroundings, replaced: boolean): Wanted[] {
    const added = add.map(({ flow, pointer }) => want(flow, undefined, around, pointer));
    const modified = modify.map(({ entry, flow }) => want(flow, entry, around, undefined));
    if (!replaced) return [...added, ...modified];
    const seen = new Set([...remove, ...modify.map(({ entry }) => entry)]);
    const kept: Wanted[] = [];
    for (const entry of this.book.all()) {
      if (seen.has(entry)) continue;
      const again = want(entry.flow, entry, around, undefined);
      if (again.rules.some(({ changed }) => changed) || again.rules.length !== entry.rules.length) kept.push(again);
    }
    return [...added, ...modified, ...kept];
  }

  #entry({ flow, entry, mask, rules }: Wanted, nextId: () => number): Entry {
    const { owner, band, table, priority, match, actions, cookie } = flow;
    const id = entry?.flow.id ?? flowId(this.#nextFlow++);
    return {
      flow: { id, owner, band, table, priority, match, actions, cookie },
      key: entry?.key ?? keyOf(flow),
      mask,
      rules: rules.map(({ id: old, rule }) => ({ id: old ?? nextId(), ...rule })),
    };
  }

  #steer(topology: Topology): ReadonlyMap<string, SteeringRule> {
    const rules = steeringOf(topology).map((rule): [string, SteeringRule] => {
      const key = `${rule.slot} ${matchKey(rule.match)}`;
      return [key, this.#steering.get(key) ?? { id: this.#nextSteering++, ...rule }];
    });
    return new Map(rules);
  }
}

/** Derived flows of different owners and bands may have one identity. */
export const keyOf = (flow: OwnedFlow): string => {
  const key = identityKey(flow);
  if (flow.band !== 'derived' && flow.band !== 'guard') return key;
  return `${flow.band}/${flow.owner.kind === 'tenant' ? flow.owner.tenant : ''}/${key}`;
};

function want(flow: OwnedFlow, entry: Entry | undefined, around: Surroundings, pointer: string | undefined): Wanted {
  const rules = placementsOf(flow, around.topology, around.reach).map((rule) => {
    const old = entry?.rules.find(({ slot }) => slot === rule.slot);
    return { id: old?.id, rule, changed: !old || actionsKey(old.actions) !== actionsKey(rule.actions) };
  });
  return { flow, entry, mask: entry?.mask ?? maskKey(flow.match), rules, pointer };
}

/** Rules of a kept flow that are no longer wanted. */
const leaving = ({ entry, rules }: Wanted): PlacedRule[] => {
  const kept = new Set(rules.map(({ id }) => id));
  return entry?.rules.filter(({ id }) => !kept.has(id)) ?? [];
};

const countedEntry = ({ flow: { table }, mask, rules }: Entry): Counted[] => rules.map(({ slot }) => ({ slot, table, mask }));
const countedWanted = ({ flow: { table }, mask, rules, pointer }: Wanted): Counted[] =>
  rules.map(({ rule: { slot } }) => ({ slot, table, mask, pointer }));

function transactionOf(
  gone: readonly PlacedRule[],
  wanted: readonly Wanted[],
  entries: readonly Entry[],
  steering: ReadonlyMap<string, SteeringRule> | undefined,
  before: ReadonlyMap<string, SteeringRule>,
): RuleTransaction {
  const remove: { id: number; slot: number | 'steering' }[] = gone.map(({ id, slot }) => ({ id, slot }));
  const add: Rule[] = [];
  wanted.forEach(({ flow, rules }, i) => {
    rules.forEach(({ id: old, changed }, j) => {
      const placed = entries[i]?.rules[j];
      if (!changed || !placed) return;
      // A rule whose actions change leaves and comes back under its id, and so keeps its counters.
      if (old !== undefined) remove.push({ id: old, slot: placed.slot });
      const { table, match } = flow;
      add.push({ id: placed.id, slot: placed.slot, table, rank: rankOfFlow(flow), match, actions: placed.actions });
    });
  });
  const steer: SteeringRule[] = [];
  if (steering) {
    for (const [key, { id }] of before) if (!steering.has(key)) remove.push({ id, slot: 'steering' });
    for (const [key, rule] of steering) if (!before.has(key)) steer.push(rule);
  }
  return { remove, add, steer };
}
