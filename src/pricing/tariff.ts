import type { PriceConfig, PricingConfig, TariffConfig } from '../config/schema.js';
import { usageItems, type Rate, type Tariff, type TariffBook, type UsageItem } from '../model/tariff.js';
import { canonicalJson, sha256 } from './canonical.js';
import { pricedUnits } from './price.js';

/** The part of a config that has prices; see config/schema.ts. */
export interface Priced {
  readonly pricing?: PricingConfig | undefined;
  readonly tenants?: Readonly<Record<string, { readonly tariff?: string | undefined }>> | undefined;
}

/** Where a config has the price of each item, and its allowance. */
const configKeys = {
  cycles: ['perGigacycleMicro', 'gigacycles'],
  bytes: ['perGibMicro', 'gib'],
  packets: ['perMillionPacketsMicro', 'millionPackets'],
  memoryByteSeconds: ['perMibHourMicro', 'mibHours'],
  reservedCoreSeconds: ['perCoreHourMicro', 'coreHours'],
} as const satisfies Record<UsageItem, readonly [keyof TariffConfig, keyof NonNullable<TariffConfig['free']>]>;

/** The name of the one tariff of a config that names none. */
export const onlyTariff = 'standard';

/** What is kept of a config's prices, so that an invoice can be computed without the config. */
export interface BookConfig {
  readonly currency: string;
  readonly tariffs: readonly TariffConfig[];
  /** Tenants that do not have the first tariff. */
  readonly tenants: Readonly<Record<string, string>>;
}

/** The canonical text of a config's tariffs and of who has which; undefined where it has no prices. `bookOf` reads it. */
export function bookText(config: Priced): string | undefined {
  const book = bookConfig(config);
  return book && canonicalJson(book);
}

/** @param text as `bookText` makes it. */
export const bookOf = (text: string): TariffBook => bookFrom(JSON.parse(text) as BookConfig);

export function bookConfig({ pricing, tenants = {} }: Priced): BookConfig | undefined {
  if (!pricing) return undefined;
  const { currency, tariffs, ...prices } = pricing;
  const assigned = Object.entries(tenants).flatMap(([name, { tariff }]) =>
    tariff === undefined ? [] : [[name, tariff] as const],
  );
  return {
    currency,
    tariffs: tariffs ?? [{ name: onlyTariff, ...prices }],
    tenants: Object.fromEntries(assigned),
  };
}

export const bookFrom = ({ currency, tariffs, tenants }: BookConfig): TariffBook => ({
  currency,
  tariffs: tariffs.map((tariff) => tariffFrom(tariff, currency)),
  assigned: new Map(Object.entries(tenants)),
});

/** What a config does not price is free. */
function tariffFrom(config: TariffConfig, currency: string): Tariff {
  const { name, effectiveFrom, minimumMicro = 0, free = {} } = config;
  const rateOf = (item: UsageItem): Rate => {
    const [priceKey, freeKey] = configKeys[item];
    return rateFrom(config[priceKey] ?? 0, BigInt(free[freeKey] ?? 0), pricedUnits[item]);
  };
  return {
    name,
    currency,
    effectiveFromMs: effectiveFrom === undefined ? undefined : Date.parse(effectiveFrom),
    rates: Object.fromEntries(usageItems.map((item) => [item, rateOf(item)])) as Record<UsageItem, Rate>,
    minimumMicro: BigInt(minimumMicro),
    hash: sha256(canonicalJson({ currency, ...config })),
  };
}

const rateFrom = (price: PriceConfig, free: bigint, unit: bigint): Rate => ({
  free: free * unit,
  tiers:
    typeof price === 'number'
      ? [{ from: 0n, priceMicro: BigInt(price) }]
      : price.map(({ from, micro }) => ({ from: BigInt(from) * unit, priceMicro: BigInt(micro) })),
});
