import type { UsageView } from '../../../src/api/schemas/usage.js';

/** Packets lost in the switch by reason, over all tenants; only reasons that occurred. */
export function totalDropsOf({ tenants }: UsageView): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { totals } of tenants) {
    for (const [reason, count] of Object.entries(totals.drops)) {
      if (count > 0) sums.set(reason, (sums.get(reason) ?? 0) + count);
    }
  }
  return Object.fromEntries(sums);
}
