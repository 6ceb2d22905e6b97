import type { FlowCounters, FlowStats, InstalledFlow } from '../model/flow.js';
import type { Group } from '../model/group.js';
import { flowId } from '../model/ids.js';
import type { Meter } from '../model/meter.js';
import type { Applied, DataPlane, MeterCounters, RuleCounters, RuleTransaction } from '../switch/types.js';
import { FlowBook, type Entry } from './book.js';
import type { FlowChange } from './change.js';
import { MaskCensus, type TableCount } from './mask-census.js';
import { Numbers } from './numbers.js';
import type { Numbering } from './rules.js';
import { Stock } from './stock.js';
import { maskKey } from './syntax/match-text.js';
import {
  changedGroups,
  differs,
  freshRules,
  goneRules,
  keyOf,
  noRule,
  ruleChanges,
  steeringChanges,
  want,
  type Steering,
  type Wanted,
} from './transaction.js';
import type { Surroundings } from './topology.js';
import { unbounded } from './unbounded.js';

/** What the data plane does for the flow table. Counts only grow, and are never reset. */
export interface RulePort {
  /** One after the other, each as a whole or not at all. Resolves when every worker works by the new rules. */
  apply(transactions: readonly RuleTransaction[]): Promise<Applied>;
  ruleCounters(ids: readonly number[]): readonly RuleCounters[];
  groupCounters(numbers: readonly number[]): readonly RuleCounters[];
  meterCounters(numbers: readonly number[]): readonly MeterCounters[];
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** A data plane as such a port. */
export const rulePort = (dataPlane: DataPlane, now: () => number): RulePort => ({
  apply: (transactions) => dataPlane.apply(transactions),
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

/** What was written into the book, in order. */
interface Written {
  readonly nextFlow: number;
  readonly remove: readonly Entry[];
  readonly put: { readonly before: Entry | undefined; readonly entry: Entry }[];
}

/** A change that is not yet applied. */
export interface BegunInstall {
  readonly transaction: RuleTransaction;
  /** Writes the flows into the book already. */
  foresee(): void;
  finish(): readonly GoneFlow[];
  /** Leaves everything as it was. */
  cancel(): void;
  explain(error: unknown): unknown;
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
   * @throws VswitchError LIMIT_EXCEEDED; nothing is changed then.
   */
  begin(change: FlowChange, around: Surroundings): BegunInstall {
    const groups = this.groups.prepare(change.groups);
    const undo = [() => groups.cancel()];
    const cancel = (): void => {
      for (const step of undo.reverse()) step();
    };
    try {
      const meters = this.meters.prepare(change.meters);
      undo.push(() => meters.cancel());
      const numbering: Numbering = { group: groups.numberOf, meter: meters.numberOf };
      const wanted = this.#wanted(change, around, numbering);
      const gone = goneRules(change.flows.remove, wanted);
      const goneIds = gone.map(({ id }) => id);
      const fresh = freshRules(wanted);
      const reserved = this.#ids.reserve(fresh.length, goneIds);
      undo.push(() => this.#ids.cancel(reserved));
      fresh.forEach((rule, i) => (rule.id = reserved.ids[i] ?? noRule));
      const changes = ruleChanges(wanted);
      const steering =
        around === this.#around ? undefined : steeringChanges(around.topology, this.#steering, () => this.#nextSteering++);
      let isWritten = false;
      const foresee = (): void => {
        if (isWritten) return;
        isWritten = true;
        const written = this.#write(change, wanted);
        undo.push(() => this.#takeBack(written));
      };
      const finish = (): GoneFlow[] => {
        foresee();
        const stats = this.stats(change.flows.remove);
        this.#ids.commit(reserved, goneIds);
        const again = change.flows.modify.filter(({ reset }) => reset === true).map(({ there }) => this.book.get(there.flow.id));
        this.#ids.reset(again.flatMap((entry) => entry?.rules.map(({ id }) => id) ?? []));
        groups.commit();
        meters.commit();
        this.#around = around;
        if (steering) this.#steering = steering.now;
        const zero = { packets: 0n, bytes: 0n, durationMs: 0 };
        return change.flows.remove.map(({ flow }, i) => ({ flow, stats: stats[i] ?? zero }));
      };
      const transaction: RuleTransaction = {
        remove: [...gone, ...changes.remove, ...(steering?.remove ?? [])],
        add: changes.add,
        steer: steering?.add ?? [],
        putGroups: changedGroups(groups.put, () => this.groups.list(), this.#around, around, numbering),
        removeGroups: groups.removed,
        putMeters: meters.put.map(({ number, value: { meter: _, ...meter } }) => ({ number, meter })),
        removeMeters: meters.removed,
      };
      return { transaction, foresee, finish, cancel, explain: (error) => unbounded(error, wanted) };
    } catch (error) {
      cancel();
      throw error;
    }
  }

  #write({ flows: { remove } }: FlowChange, wanted: readonly Wanted[]): Written {
    const now = this.#port.now();
    const written: Written = { nextFlow: this.#nextFlow, remove, put: [] };
    for (const entry of remove) this.#remove(entry);
    for (const one of wanted) {
      const entry = this.#entry(one, now);
      if (one.entry) this.#count(one.entry, -1);
      this.#put(entry);
      written.put.push({ before: one.entry, entry });
    }
    return written;
  }

  #takeBack({ nextFlow, remove, put }: Written): void {
    for (const { before, entry } of put) {
      this.#remove(entry);
      if (before) this.#put(before);
    }
    for (const entry of remove) this.#put(entry);
    this.#nextFlow = nextFlow;
  }

  #remove(entry: Entry): void {
    this.#count(entry, -1);
    this.book.remove(entry);
  }

  #put(entry: Entry): void {
    this.#count(entry, 1);
    this.book.put(entry);
  }

  #count({ flow: { table, match }, rules }: Entry, step: 1 | -1): void {
    const mask = maskKey(match);
    for (const { slot } of rules) this.#census.count({ slot, table, mask }, step);
  }

  #wanted({ flows: { remove, add, modify } }: FlowChange, around: Surroundings, numbering: Numbering): Wanted[] {
    const wanted = add.map(({ value, pointer }) => want(value, undefined, around, numbering, pointer));
    for (const { there, value } of modify) wanted.push(want(value, there, around, numbering));
    if (around === this.#around) return wanted;
    const seen = new Set([...remove, ...modify.map(({ there }) => there)]);
    for (const entry of this.book.all()) {
      if (seen.has(entry)) continue;
      const again = want(entry.flow, entry, around, numbering);
      if (differs(again)) wanted.push(again);
    }
    return wanted;
  }

  /** Written out, not spread: there are many, and an object that is made whole takes less room. */
  #entry({ flow, entry, rules }: Wanted, now: number): Entry {
    const { table, priority, match, actions, cookie, idleTimeout, hardTimeout, owner, band } = flow;
    const id = entry?.flow.id ?? flowId(this.#nextFlow++);
    return {
      flow: { id, table, priority, match, actions, cookie, idleTimeout, hardTimeout, owner, band },
      key: entry?.key ?? keyOf(flow),
      sinceMs: entry?.sinceMs ?? now,
      rules,
    };
  }
}
