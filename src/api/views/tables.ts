import type { TableCount } from '../../flow/mask-census.js';
import type { TableCounters } from '../../switch/types.js';
import type { TableView } from '../schemas/tenants.js';

/**
 * Tables that hold rules, or were asked.
 * @param counters by slot, then table.
 * @param nameOf of the tenants, by slot.
 */
export function tableViews(
  counts: readonly TableCount[],
  counters: readonly (readonly TableCounters[])[],
  nameOf: ReadonlyMap<number, string>,
): TableView[] {
  const held = new Map(counts.map((count) => [`${count.slot}/${count.table}`, count]));
  const asked = counters.flatMap((tables, slot) => tables.map((found, table) => ({ slot, table, ...found })));
  return asked.flatMap(({ slot, table, lookups, matches }) => {
    const { rules = 0, masks = 0 } = held.get(`${slot}/${table}`) ?? {};
    return rules === 0 && lookups === 0n
      ? []
      : [{ tenant: nameOf.get(slot) ?? null, slot, table, rules, masks, lookups, matches }];
  });
}
