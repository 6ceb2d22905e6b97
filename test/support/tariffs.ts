import { fc } from '@fast-check/ava';
import type { PriceConfig, TariffConfig } from '../../src/config/schema.js';
import type { Tariff } from '../../src/model/tariff.js';
import type { UsageSlice, UsageTotals } from '../../src/model/usage-record.js';
import type { RecordedBook } from '../../src/pricing/in-force.js';
import { bookOf, bookText, type Priced } from '../../src/pricing/tariff.js';
import { noUsage } from '../../src/pricing/usage-sum.js';

/** The one tariff of a config. */
export function tariffOf(config: Omit<TariffConfig, 'name'>): Tariff {
  const [tariff] = bookOf(bookText({ pricing: { currency: 'EUR', tariffs: [{ name: 'test', ...config }] } }) ?? '').tariffs;
  if (!tariff) throw new Error('a book without tariffs');
  return tariff;
}

/** A book as it was recorded when the switch started with a config. */
export const recorded = (sinceMs: number, config: Priced): RecordedBook => ({ sinceMs, book: bookOf(bookText(config) ?? '') });

export const usageOf = (some: Partial<UsageTotals>): UsageTotals => ({ ...noUsage, ...some });

/** What red used between two moments, as ISO 8601. */
export const sliceOf = (from: string, to: string, some: Partial<UsageTotals>): UsageSlice => ({
  tenant: 'red',
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
  ...usageOf(some),
});

const price: fc.Arbitrary<PriceConfig> = fc.oneof(
  fc.integer({ min: 0, max: 10 ** 12 }),
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 10 ** 8 }), { minLength: 4, maxLength: 4 }),
    )
    .map(([bounds, prices]) => [0, ...bounds.sort((a, b) => a - b)].map((from, i) => ({ from, micro: prices[i] ?? 0 }))),
);
const allowance = fc.integer({ min: 0, max: 2000 });

/** Prices, tiers that ascend, allowances and a minimum, without a name. */
export const anyPrices = fc.record(
  {
    perGigacycleMicro: price,
    perGibMicro: price,
    perMillionPacketsMicro: price,
    perMibHourMicro: price,
    perCoreHourMicro: price,
    free: fc.record(
      { gigacycles: allowance, gib: allowance, millionPackets: allowance, mibHours: allowance, coreHours: allowance },
      { requiredKeys: [] },
    ),
    minimumMicro: fc.integer({ min: 0, max: 10 ** 9 }),
  },
  { requiredKeys: [] },
);

const counter = fc.bigInt({ min: 0n, max: 10n ** 14n });
export const anyUsage: fc.Arbitrary<UsageTotals> = fc.record({
  cycles: counter,
  bytes: counter,
  packets: counter,
  memoryByteSeconds: counter,
  reservedCoreSeconds: fc.bigInt({ min: 0n, max: 10n ** 8n }),
});
