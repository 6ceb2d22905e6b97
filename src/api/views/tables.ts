import type { TableCount } from '../../flow/mask-census.js';
import type { TableCounters, TableReport, TableSnapshot } from '../../switch/types.js';
import type { TableDetail, TableView } from '../schemas/tenants.js';

const none: TableCounters = { lookups: 0n, matches: 0n, timed: 0n, cycles: 0n };
const per = (amount: bigint, unit: bigint): number => (unit > 0n ? Number(amount) / Number(unit) : 0);

/**
 * Tables that hold rules, or were asked.
 * @param before what rates are since.
 * @param nameOf of the tenants, by slot.
 */
export function tableViews(
  counts: readonly TableCount[],
  before: TableSnapshot,
  now: TableSnapshot,
  nameOf: ReadonlyMap<number, string>,
): TableView[] {
  const held = new Map(counts.map((count) => [`${count.slot}/${count.table}`, count]));
  const seconds = (now.atMs - before.atMs) / 1000;
  const asked = now.tables.flatMap((tables, slot) => tables.map((counters, table) => ({ slot, table, counters })));
  return asked.flatMap(({ slot, table, counters }) => {
    const { rules = 0, masks = 0 } = held.get(`${slot}/${table}`) ?? {};
    if (rules === 0 && counters.lookups === 0n) return [];
    const then = before.tables[slot]?.[table] ?? none;
    const lookups = counters.lookups - then.lookups;
    const rates = {
      lookupsPerS: seconds > 0 ? Number(lookups) / seconds : 0,
      cyclesPerLookup: per(counters.cycles - then.cycles, counters.timed - then.timed),
    };
    const cyclesPerLookup = per(counters.cycles, counters.timed);
    return [{ tenant: nameOf.get(slot) ?? null, slot, table, rules, masks, ...counters, cyclesPerLookup, rates }];
  });
}

/** An action program is a line of the cache; packets and bytes are counted. */
const bytesBesideLookup = 64 + 8 + 16;

/**
 * The views of tables that hold rules, with what they were compiled to.
 * @param memoryLimitBytes of each.
 */
export function tableDetails(
  views: readonly TableView[],
  reports: readonly TableReport[],
  memoryLimitBytes: number,
): TableDetail[] {
  const byPlace = new Map(views.map((view) => [`${view.slot}/${view.table}`, view]));
  return reports.flatMap(({ slot, table, template, memoryBytes, maxProbes, parts }) => {
    const view = byPlace.get(`${slot}/${table}`);
    if (!view) return [];
    const bytesPerRule = Math.ceil(memoryBytes / Math.max(1, view.rules)) + bytesBesideLookup;
    return [{ ...view, template, memoryBytes, memoryLimitBytes, maxProbes, bytesPerRule, parts: [...parts] }];
  });
}
