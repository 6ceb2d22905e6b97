import type { SwitchEvent } from '../model/event.js';
import type { CtCounters } from '../switch/types.js';

/** The counters that say that a limit was reached, and which. */
const caps = {
  table_full: 'table',
  tenant_full: 'tenant',
  zone_full: 'zone',
  rate_exceeded: 'rate',
  evicted: 'half_open',
} as const satisfies Partial<Record<keyof CtCounters, string>>;
const capped = Object.keys(caps) as (keyof typeof caps)[];

/**
 * What to tell of the connections of each tenant that were refused, or evicted, since the last look. At most one event of a tenant
 * and cause comes of a look, however many packets it is about.
 * @param nameOf of the tenants, by slot.
 */
export function ctEvents(
  before: readonly CtCounters[],
  now: readonly CtCounters[],
  nameOf: ReadonlyMap<number, string>,
): SwitchEvent[] {
  if (now === before) return [];
  return now.flatMap((counters, slot): SwitchEvent[] => {
    const tenant = nameOf.get(slot) ?? null;
    const since = (name: keyof CtCounters): bigint => counters[name] - (before[slot]?.[name] ?? 0n);
    const reached = capped.flatMap((name): SwitchEvent[] =>
      since(name) > 0n ? [{ type: 'conntrack_cap', tenant, cap: caps[name], count: since(name) }] : [],
    );
    const exhausted = since('nat_exhausted');
    return exhausted > 0n ? [...reached, { type: 'nat_exhausted', tenant, count: exhausted }] : reached;
  });
}
