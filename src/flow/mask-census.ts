import type { TenantSlot } from '../switch/types.js';

/** A rule as the census sees it. */
export interface Counted {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly mask: string;
}

type Counts = Map<string, number>;

/** What a table of the data plane holds. */
export interface TableCount {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly rules: number;
  /** Different masks among the rules. */
  readonly masks: number;
}

/** How many rules and different masks each table has. */
export class MaskCensus {
  readonly #tables = new Map<number, Counts>();

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

  change(remove: readonly Counted[], add: readonly Counted[]): void {
    for (const { slot, table, mask } of remove) bump(tableOf(this.#tables, slot, table), mask, -1);
    for (const { slot, table, mask } of add) bump(tableOf(this.#tables, slot, table), mask, 1);
  }
}

/** OpenFlow's table numbers have eight bits. */
const tablesOfSlot = 256;

function tableOf(tables: Map<number, Counts>, slot: TenantSlot, table: number): Counts {
  const key = slot * tablesOfSlot + table;
  const found = tables.get(key) ?? new Map<string, number>();
  tables.set(key, found);
  return found;
}

function bump(counts: Counts, mask: string, step: number): void {
  const count = (counts.get(mask) ?? 0) + step;
  if (count === 0) counts.delete(mask);
  else counts.set(mask, count);
}
