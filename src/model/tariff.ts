import type { UsageTotals } from './usage-record.js';

/** What can have a price, in the order of a bill. */
export const usageItems = [
  'cycles',
  'bytes',
  'packets',
  'memoryByteSeconds',
  'reservedCoreSeconds',
] as const satisfies readonly (keyof UsageTotals)[];
export type UsageItem = (typeof usageItems)[number];

/** From this much on, until the next tier, a priced unit costs so many millionths of the currency's unit. */
export interface Tier {
  /** In cycles, bytes, packets, byte-seconds, core-seconds. */
  readonly from: bigint;
  readonly priceMicro: bigint;
}

export interface Rate {
  /** Used up first; tiers count what is used beyond. */
  readonly free: bigint;
  /** Ascending; the first is from 0. Each prices the part of the usage that lies in it. */
  readonly tiers: readonly Tier[];
}

/** What a month costs. Money is in millionths of the currency's unit, as integers; see pricing/price.ts for the rounding. */
export interface Tariff {
  readonly name: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Milliseconds since 1970 UTC; undefined: it always was. */
  readonly effectiveFromMs: number | undefined;
  readonly rates: Readonly<Record<UsageItem, Rate>>;
  /** Of a whole month. */
  readonly minimumMicro: bigint;
  /** SHA-256 of its canonical text. */
  readonly hash: string;
}

/** All versions of all tariffs, and who has which. */
export interface TariffBook {
  readonly currency: string;
  /** Versions of one name are in the order of their effective-from. */
  readonly tariffs: readonly Tariff[];
  /** The tenants that do not have the first tariff. */
  readonly assigned: ReadonlyMap<string, string>;
}

export interface TierCharge extends Tier {
  readonly quantity: bigint;
  readonly amountMicro: bigint;
}

export interface BillLine {
  readonly item: UsageItem;
  readonly quantity: bigint;
  /** The part of the quantity that the allowance covers. */
  readonly freeQuantity: bigint;
  readonly tiers: readonly TierCharge[];
  readonly amountMicro: bigint;
}

export interface Bill {
  readonly currency: string;
  readonly lines: readonly BillLine[];
  readonly totalMicro: bigint;
}
