import type { VswitchConfig } from '../config/schema.js';
import type { Tariff } from '../model/tariff.js';

/** The tariff of a config; undefined where it has no prices. What it does not price is free. */
export function tariffOf({ pricing }: Pick<VswitchConfig, 'pricing'>): Tariff | undefined {
  if (!pricing) return undefined;
  return {
    currency: pricing.currency,
    perGigacycleMicro: BigInt(pricing.perGigacycleMicro ?? 0),
    perGibMicro: BigInt(pricing.perGibMicro ?? 0),
    perMillionPacketsMicro: BigInt(pricing.perMillionPacketsMicro ?? 0),
  };
}
