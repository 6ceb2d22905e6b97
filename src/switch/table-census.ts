import type { Match } from '../model/match.js';
import type { Rule, RuleTransaction, TenantSlot } from './types.js';

export interface TableCensus {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly rules: number;
  /** Different masks among the rules: an exact sub-table each, so the most probes that a look-up takes. */
  readonly masks: number;
}

interface Table {
  readonly slot: TenantSlot;
  readonly table: number;
  readonly byMask: Map<string, number>;
  rules: number;
}

/** Counts what the data plane's tables hold, from the transactions that it applied. */
export class TableCensusTaker {
  readonly #tables = new Map<string, Table>();
  readonly #placed = new Map<string, { readonly table: Table; readonly mask: string }>();

  applied({ remove, add }: RuleTransaction): void {
    for (const { id, slot } of remove) if (slot !== 'steering') this.#remove(`${slot}/${id}`);
    for (const rule of add) this.#add(rule);
  }

  /** By slot, then table; only tables that have rules. */
  list(): TableCensus[] {
    return [...this.#tables.values()]
      .filter(({ rules }) => rules > 0)
      .map(({ slot, table, rules, byMask }) => ({ slot, table, rules, masks: byMask.size }))
      .sort((a, b) => a.slot - b.slot || a.table - b.table);
  }

  #add({ id, slot, table: number, match }: Rule): void {
    const key = `${slot}/${number}`;
    const table: Table = this.#tables.get(key) ?? { slot, table: number, byMask: new Map(), rules: 0 };
    this.#tables.set(key, table);
    const mask = maskOf(match);
    table.rules++;
    table.byMask.set(mask, (table.byMask.get(mask) ?? 0) + 1);
    this.#placed.set(`${slot}/${id}`, { table, mask });
  }

  #remove(key: string): void {
    const place = this.#placed.get(key);
    if (!place) return;
    const { table, mask } = place;
    this.#placed.delete(key);
    table.rules--;
    const left = (table.byMask.get(mask) ?? 0) - 1;
    if (left > 0) table.byMask.set(mask, left);
    else table.byMask.delete(mask);
  }
}

const maskOf = (match: Match): string => [...match].map(([name, { mask }]) => `${name}/${mask}`).join(' ');
