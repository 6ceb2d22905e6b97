import type { Tariff } from '../model/tariff.js';

/** The part of a config that has prices; see config/schema.ts. */
export interface Priced {
  readonly pricing?:
    | {
        readonly currency: string;
        readonly perGigacycleMicro?: number | undefined;
        readonly perGibMicro?: number | undefined;
        readonly perMillionPacketsMicro?: number | undefined;
      }
    | undefined;
}

/** The tariff of a config; undefined where it has no prices. What it does not price is free. */
export function tariffOf({ pricing }: Priced): Tariff | undefined {
  if (!pricing) return undefined;
  return {
    currency: pricing.currency,
    perGigacycleMicro: BigInt(pricing.perGigacycleMicro ?? 0),
    perGibMicro: BigInt(pricing.perGibMicro ?? 0),
    perMillionPacketsMicro: BigInt(pricing.perMillionPacketsMicro ?? 0),
  };
}
