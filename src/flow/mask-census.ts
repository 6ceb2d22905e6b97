import { VswitchError, type Fault } from '../model/errors.js';
import type { TenantSlot } from '../switch/types.js';

/** A rule as the census sees it. */
export interface Counted {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly mask: string;
  /** Of the flow in the request, where it comes from one. */
  readonly pointer?: string | undefined;
}

type Counts = Map<string, number>;

/** What a table of the data plane holds. */
export interface TableCount {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly rules: number;
  /** Different masks among the rules, an exact sub-table each: the most probes that a look-up takes. */
  readonly masks: number;
}

/** How many different masks each table has: the bound of a look-up's cost, which a limit keeps. */
export class MaskCensus {
  readonly #limit: number;
  readonly #tables = new Map<number, Counts>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Tables that hold rules, by slot, then table. */
  list(): TableCount[] {
    return [...this.#tables]
      .filter(([, counts]) => counts.size > 0)
      .map(([key, counts]) => {
        const [slot, table] = [Math.floor(key / tablesOfSlot), key % tablesOfSlot];
        return { slot, table, rules: [...counts.values()].reduce((sum, count) => sum + count, 0), masks: counts.size };
      })
      .sort((a, b) => a.slot - b.slot || a.table - b.table);
  }

  /** @throws VswitchError TABLE_UNBOUNDED with a fault for each flow whose mask is one too many. */
  check(remove: readonly Counted[], add: readonly Counted[]): void {
    const deltas = new Map<number, Counts>();
    for (const [list, step] of [[remove, -1] as const, [add, 1] as const]) {
      for (const { slot, table, mask } of list) bump(tableOf(deltas, slot, table), mask, step);
    }
    const full = new Map<number, ReadonlySet<string>>();
    for (const [key, delta] of deltas) {
      const now: ReadonlyMap<string, number> = this.#tables.get(key) ?? new Map<string, number>();
      const masks = new Set([...now.keys(), ...delta.keys()].filter((mask) => (now.get(mask) ?? 0) + (delta.get(mask) ?? 0) > 0));
      if (masks.size <= this.#limit) continue;
      const kept = [...masks].filter((mask) => now.has(mask));
      const fresh = [...masks].filter((mask) => !now.has(mask));
      full.set(key, new Set(fresh.slice(Math.max(0, this.#limit - kept.length))));
    }
    if (full.size > 0) throw tooMany(add, full, this.#limit);
  }

  commit(remove: readonly Counted[], add: readonly Counted[]): void {
    for (const { slot, table, mask } of remove) bump(tableOf(this.#tables, slot, table), mask, -1);
    for (const { slot, table, mask } of add) bump(tableOf(this.#tables, slot, table), mask, 1);
  }
}

/** OpenFlow's table numbers have eight bits. */
const tablesOfSlot = 256;
const keyOf = (slot: TenantSlot, table: number): number => slot * tablesOfSlot + table;

function tableOf(tables: Map<number, Counts>, slot: TenantSlot, table: number): Counts {
  const key = keyOf(slot, table);
  const found = tables.get(key) ?? new Map<string, number>();
  tables.set(key, found);
  return found;
}

function bump(counts: Counts, mask: string, step: number): void {
  const count = (counts.get(mask) ?? 0) + step;
  if (count === 0) counts.delete(mask);
  else counts.set(mask, count);
}

function tooMany(add: readonly Counted[], full: ReadonlyMap<number, ReadonlySet<string>>, limit: number): VswitchError {
  const message = `a table would need more than ${limit} look-ups: its flows match too many different sets of fields and masks`;
  const remedy =
    'match the same fields with the same prefix lengths as other flows, or raise /limits/masksPerTable in the config';
  const beyond = add.filter(({ slot, table, mask }) => full.get(keyOf(slot, table))?.has(mask));
  const faults = new Map(
    beyond.map(({ pointer = '', mask }): [string, Fault] => [pointer, { pointer, value: mask, message, remedy }]),
  );
  return new VswitchError('TABLE_UNBOUNDED', message, [...faults.values()]);
}
