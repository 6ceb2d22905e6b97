import { usageItems, type Bill, type BillLine, type Rate, type Tariff, type UsageItem } from '../model/tariff.js';
import type { UsageTotals } from '../model/usage-record.js';

/** What each price is for: so many cycles, bytes, packets, byte-seconds (a MiB-hour), core-seconds (a core-hour). */
export const pricedUnits = {
  cycles: 1_000_000_000n,
  bytes: 1n << 30n,
  packets: 1_000_000n,
  memoryByteSeconds: 3600n << 20n,
  reservedCoreSeconds: 3600n,
} as const satisfies Record<UsageItem, bigint>;

/**
 * The bill for what was used since the beginning of a month, in integers, without the minimum. Each line is rounded down once, to a
 * millionth of the currency's unit, in the tenant's favour.
 */
export function price(usage: UsageTotals, { currency, rates }: Tariff): Bill {
  const lines = usageItems.filter((item) => isPriced(rates[item])).map((item) => lineOf(item, usage[item], rates[item]));
  return { currency, lines, totalMicro: lines.reduce((sum, { amountMicro }) => sum + amountMicro, 0n) };
}

const isPriced = ({ tiers }: Rate): boolean => tiers.some(({ priceMicro }) => priceMicro > 0n);

/** A tier's amount is what the tiers up to it cost, less what those before it do: rounded like the line, and together exactly it. */
function lineOf(item: UsageItem, quantity: bigint, { free, tiers }: Rate): BillLine {
  const unit = pricedUnits[item];
  const freeQuantity = least(quantity, free);
  const charged = quantity - freeQuantity;
  let weighed = 0n;
  const charges = tiers.map((tier, i) => {
    const end = tiers[i + 1]?.from ?? charged;
    const inTier = least(charged, end) - tier.from;
    const before = weighed / unit;
    const tierQuantity = inTier > 0n ? inTier : 0n;
    weighed += tierQuantity * tier.priceMicro;
    return { ...tier, quantity: tierQuantity, amountMicro: weighed / unit - before };
  });
  return { item, quantity, freeQuantity, tiers: charges, amountMicro: weighed / unit };
}

/** What came to a bill since another of the same tariff and month: bills of parts add up to that of the whole. */
export function billSince(before: Bill, now: Bill): Bill {
  const lines = now.lines.map((line, i): BillLine => {
    const earlier = before.lines[i];
    if (!earlier) return line;
    return {
      item: line.item,
      quantity: line.quantity - earlier.quantity,
      freeQuantity: line.freeQuantity - earlier.freeQuantity,
      tiers: line.tiers.map((tier, k) => ({
        ...tier,
        quantity: tier.quantity - (earlier.tiers[k]?.quantity ?? 0n),
        amountMicro: tier.amountMicro - (earlier.tiers[k]?.amountMicro ?? 0n),
      })),
      amountMicro: line.amountMicro - earlier.amountMicro,
    };
  });
  return { currency: now.currency, lines, totalMicro: now.totalMicro - before.totalMicro };
}

/** The tariff of a part of a month: allowances and the bounds of tiers are in proportion, rounded down. */
export function proRated(tariff: Tariff, partMs: number, monthMs: number): Tariff {
  if (partMs === monthMs) return tariff;
  const share = (whole: bigint): bigint => (whole * BigInt(partMs)) / BigInt(monthMs);
  const rateOf = ({ free, tiers }: Rate): Rate => ({
    free: share(free),
    tiers: tiers.map(({ from, priceMicro }) => ({ from: share(from), priceMicro })),
  });
  const rates = Object.fromEntries(usageItems.map((item) => [item, rateOf(tariff.rates[item])])) as Record<UsageItem, Rate>;
  return { ...tariff, rates };
}

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
