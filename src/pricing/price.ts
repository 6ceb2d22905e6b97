import type { Bill, BillLine, Tariff, Usage } from '../model/tariff.js';

/** What each price is for: so many cycles, bytes, packets. */
export const pricedUnits = { cycles: 1_000_000_000n, bytes: 1n << 30n, packets: 1_000_000n } as const;

/**
 * The bill for a usage, in integers. Each line is rounded down to a millionth of the currency's unit, in the tenant's favour: the
 * bills of two periods together are at most one millionth a line below the bill of both at once, and never above it.
 */
export function price({ cycles, bytes, packets }: Usage, tariff: Tariff): Bill {
  const lines = [
    line('cycles', cycles, tariff.perGigacycleMicro),
    line('bytes', bytes, tariff.perGibMicro),
    line('packets', packets, tariff.perMillionPacketsMicro),
  ];
  return { currency: tariff.currency, lines, totalMicro: lines.reduce((sum, { amountMicro }) => sum + amountMicro, 0n) };
}

const line = (item: BillLine['item'], quantity: bigint, priceMicro: bigint): BillLine => ({
  item,
  quantity,
  priceMicro,
  amountMicro: (quantity * priceMicro) / pricedUnits[item],
});
