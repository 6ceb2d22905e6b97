import type { FlowCounters, FlowStats, InstalledFlow } from '../model/flow.js';
import type { Group } from '../model/group.js';
import { flowId, type Generation } from '../model/ids.js';
import type { Meter } from '../model/meter.js';
import type { DataPlane, MeterCounters, RuleCounters, RuleTransaction } from '../switch/types.js';
import { FlowBook, type Entry } from './book.js';
import type { FlowChange } from './change.js';
import { MaskCensus, type Counted, type TableCount } from './mask-census.js';
import { Numbers } from './numbers.js';
import type { Numbering } from './rules.js';
import { Stock } from './stock.js';
import { changedGroups, keyOf, leaving, ruleChanges, steeringChanges, want, type Steering, type Wanted } from './transaction.js';
import type { Surroundings } from './topology.js';
import { unbounded } from './unbounded.js';

/** What the data plane does for the flow table. Counts only grow, and are never reset. */
export interface RulePort {
  /** Resolves when every worker works by the new rules; changes nothing where it rejects. */
  apply(transaction: RuleTransaction): Promise<Generation>;
  ruleCounters(ids: readonly number[]): readonly RuleCounters[];
  groupCounters(numbers: readonly number[]): readonly RuleCounters[];
  meterCounters(numbers: readonly number[]): readonly MeterCounters[];
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** A data plane as such a port. */
export const rulePort = (dataPlane: DataPlane, now: () => number): RulePort => ({
  apply: (transaction) => dataPlane.apply(transaction),
  ruleCounters: (ids) => dataPlane.ruleCounters(ids),
  groupCounters: (numbers) => dataPlane.groupCounters(numbers),
  meterCounters: (numbers) => dataPlane.meterCounters(numbers),
  now,
});

/** Of all owners in the data plane. */
export interface InstallLimits {
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
}

/** A flow that went, with its last counters. */
export interface GoneFlow {
  readonly flow: InstalledFlow;
  readonly stats: FlowStats;
}

export interface Installed {
  readonly generation: Generation;
  readonly gone: readonly GoneFlow[];
}

/** Keeps the data plane's rules, groups and meters in step with the books: one transaction for one change, or nothing. */
export class Installer {
  readonly book = new FlowBook();
  readonly groups: Stock<Group, RuleCounters>;
  readonly meters: Stock<Meter, MeterCounters>;
  readonly #port: RulePort;
  readonly #ids: Numbers<RuleCounters>;
  readonly #census = new MaskCensus();
  #around: Surroundings | undefined;
  #steering: Steering = new Map();
  #nextFlow = 1;
  #nextSteering = 0;

  constructor(port: RulePort, { rules, groups, meters }: InstallLimits) {
    this.#port = port;
    this.#ids = new Numbers({
      limit: rules,
      what: 'rules',
      remedy: 'delete flows, or raise /limits/rules in the config; a flow of the operator is a rule for each tenant it concerns',
      read: (ids) => port.ruleCounters(ids),
    });
    const remedy = 'delete some first';
    this.groups = new Stock({ limit: groups, what: 'groups', remedy, read: (numbers) => port.groupCounters(numbers) });
    this.meters = new Stock({ limit: meters, what: 'meters', remedy, read: (numbers) => port.meterCounters(numbers) });
  }

  tables(): TableCount[] {
    return this.#census.list();
  }

  /** Zeros where there is no entry. */
  stats(entries: readonly (Entry | undefined)[]): FlowStats[] {
    const now = this.#port.now();
    const counters = this.counters(entries);
    return entries.map((entry, i) => ({
      ...(counters[i] ?? { packets: 0n, bytes: 0n }),
      durationMs: entry ? now - entry.sinceMs : 0,
    }));
  }

  counters(entries: readonly (Entry | undefined)[]): FlowCounters[] {
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
   * @param around other surroundings than before mean that the rules of all flows are looked at anew.
   * @throws VswitchError LIMIT_EXCEEDED, TABLE_UNBOUNDED, or what `apply` rejects with; nothing is changed then.
   */
  async install(change: FlowChange, around: Surroundings): Promise<Installed> {
    const groups = this.groups.prepare(change.groups);
    const undo = [() => groups.cancel()];
    try {
      const meters = this.meters.prepare(change.meters);
      undo.push(() => meters.cancel());
      const numbering: Numbering = { group: groups.numberOf, meter: meters.numberOf };
      const wanted = this.#wanted(change, around, numbering);
      const goneRules = [...change.flows.remove, ...wanted.map(leaving)].flatMap(({ flow, rules }) =>
        rules.map(({ id, slot }) => ({ id, slot, table: flow.table })),
      );
      const goneIds = goneRules.map(({ id }) => id);
      const missing = wanted.reduce((sum, { rules }) => sum + rules.filter(({ id }) => id === undefined).length, 0);
      const reserved = this.#ids.reserve(missing, goneIds);
      undo.push(() => this.#ids.cancel(reserved));
      let at = 0;
      const entries = wanted.map((item) => this.#entry(item, () => reserved.ids[at++] ?? -1));
      const changes = ruleChanges(wanted, entries);
      const steering =
        around === this.#around ? undefined : steeringChanges(around.topology, this.#steering, () => this.#nextSteering++);
      const generation = await this.#port
        .apply({
          remove: [...goneRules, ...changes.remove, ...(steering?.remove ?? [])],
          add: changes.add,
          steer: steering?.add ?? [],
          putGroups: changedGroups(groups.put, this.groups.list(), this.#around, around, numbering),
          removeGroups: groups.removed,
          putMeters: meters.put.map(({ number, value: { meter: _, ...meter } }) => ({ number, meter })),
          removeMeters: meters.removed,
        })
        .catch((error: unknown) => {
          throw unbounded(error, wanted);
        });
      const stats = this.stats(change.flows.remove);
      this.#ids.commit(reserved, goneIds);
      groups.commit();
      meters.commit();
      this.#write(change, wanted, entries);
      this.#around = around;
      if (steering) this.#steering = steering.now;
      const zero = { packets: 0n, bytes: 0n, durationMs: 0 };
      return { generation, gone: change.flows.remove.map(({ flow }, i) => ({ flow, stats: stats[i] ?? zero })) };
    } catch (error) {
      for (const step of undo) step();
      throw error;
    }
  }

  #write({ flows: { remove, modify } }: FlowChange, wanted: readonly Wanted[], entries: readonly Entry[]): void {
    this.#census.change(
      [...remove, ...wanted.flatMap(({ entry }) => entry ?? [])].flatMap(countedEntry),
      entries.flatMap(countedEntry),
    );
    for (const entry of remove) this.book.remove(entry);
    for (const entry of entries) this.book.put(entry);
    const again = modify.flatMap(({ there, reset }) => (reset === true ? (this.book.get(there.flow.id)?.rules ?? []) : []));
    this.#ids.reset(again.map(({ id }) => id));
  }

  #wanted({ flows: { remove, add, modify } }: FlowChange, around: Surroundings, numbering: Numbering): Wanted[] {
    const added = add.map(({ value, pointer }) => want(value, undefined, around, numbering, pointer));
    const modified = modify.map(({ there, value }) => want(value, there, around, numbering));
    if (around === this.#around) return [...added, ...modified];
    const seen = new Set([...remove, ...modify.map(({ there }) => there)]);
    const kept: Wanted[] = [];
    for (const entry of this.book.all()) {
      if (seen.has(entry)) continue;
      const again = want(entry.flow, entry, around, numbering);
      if (again.rules.some(({ changed }) => changed) || again.rules.length !== entry.rules.length) kept.push(again);
    }
    return [...added, ...modified, ...kept];
  }

  #entry({ flow, entry, mask, rules }: Wanted, nextId: () => number): Entry {
    const id = entry?.flow.id ?? flowId(this.#nextFlow++);
    return {
      flow: { ...flow, id },
      key: entry?.key ?? keyOf(flow),
      mask,
      sinceMs: entry?.sinceMs ?? this.#port.now(),
      rules: rules.map(({ id: old, rule }) => ({ id: old ?? nextId(), ...rule })),
    };
  }
}

const countedEntry = ({ flow: { table }, mask, rules }: Entry): Counted[] => rules.map(({ slot }) => ({ slot, table, mask }));
