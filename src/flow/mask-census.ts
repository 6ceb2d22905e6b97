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

  /** @param step 1 for a rule that came, -1 for one that went. */
  count({ slot, table, mask }: Counted, step: 1 | -1): void {
    const counts = tableOf(this.#tables, slot, table);
    const count = (counts.get(mask) ?? 0) + step;
    if (count === 0) counts.delete(mask);
    else counts.set(mask, count);
  }
}

/** OpenFlow's table numbers have eight bits. */
const tablesOfSlot = 256;

function tableOf(tables: Map<number, Counts>, slot: TenantSlot, table: number): Counts {
  const key = slot * tablesOfSlot + table;
  let found = tables.get(key);
  if (!found) tables.set(key, (found = new Map<string, number>()));
  return found;
}
