import type { TableCount } from '../../flow/mask-census.js';
import type { TableCounters, TableReport } from '../../switch/types.js';
import type { TableDetail, TableView } from '../schemas/tenants.js';

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

/** An action program is a line of the cache; packets and bytes are counted. */
const bytesBesideLookup = 64 + 16;

/** The views of tables that hold rules, with what they were compiled to. */
export function tableDetails(views: readonly TableView[], reports: readonly TableReport[]): TableDetail[] {
  const byPlace = new Map(views.map((view) => [`${view.slot}/${view.table}`, view]));
  return reports.flatMap(({ slot, table, template, memoryBytes, maxProbes, parts }) => {
    const view = byPlace.get(`${slot}/${table}`);
    if (!view) return [];
    const bytesPerRule = Math.ceil(memoryBytes / Math.max(1, view.rules)) + bytesBesideLookup;
    return [{ ...view, template, memoryBytes, maxProbes, bytesPerRule, parts: [...parts] }];
  });
}
