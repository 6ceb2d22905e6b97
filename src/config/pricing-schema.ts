import { Type, type Static } from 'typebox';
import { nameSchema, optional, strict } from './schema-parts.js';

const micro = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'millionths of the currency unit' });
const tierSchema = Type.Object(
  { from: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'units from which on this price holds' }), micro },
  strict,
);
const priceSchema = Type.Union([micro, Type.Array(tierSchema, { minItems: 1, maxItems: 16 })], {
  description: 'millionths of the currency unit, or tiers: `[{ from: 0, micro: 20_000 }, { from: 100, micro: 15_000 }]`',
});
const allowance = optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'units a month' }));

const prices = {
  perGigacycleMicro: optional(priceSchema),
  perGibMicro: optional(priceSchema),
  perMillionPacketsMicro: optional(priceSchema),
  perMibHourMicro: optional(priceSchema),
  perCoreHourMicro: optional(priceSchema),
  free: optional(
    Type.Object(
      { gigacycles: allowance, gib: allowance, millionPackets: allowance, mibHours: allowance, coreHours: allowance },
      { ...strict, description: 'what a month has without a price' },
    ),
  ),
  minimumMicro: optional(micro),
};

export const tariffSchema = Type.Object(
  {
    name: nameSchema,
    effectiveFrom: optional(
      Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        description: 'a date, from whose midnight in UTC the prices hold: `2026-11-01`',
      }),
    ),
    ...prices,
  },
  strict,
);

/** Prices of one tariff that always holds, or all versions of several. */
export const pricingSchema = Type.Object(
  {
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'a currency code of ISO 4217, for example `EUR`' }),
    ...prices,
    tariffs: optional(Type.Array(tariffSchema, { minItems: 1, maxItems: 256 })),
  },
  strict,
);

export const priceKeys = Object.keys(prices) as readonly (keyof typeof prices)[];

export type PriceConfig = Static<typeof priceSchema>;
export type TariffConfig = Static<typeof tariffSchema>;
export type PricingConfig = Static<typeof pricingSchema>;
