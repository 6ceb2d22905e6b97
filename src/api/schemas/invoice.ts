import { Type } from 'typebox';
import { nameSchema, pricingSchema } from '../../config/schema.js';
import { BillLineSchema } from './bill.js';
import { Counter, Money, strict } from './common.js';

const Moment = Type.String({ description: 'ISO 8601, UTC' });
const Time = Type.Object({ from: Moment, to: Moment });
const nullable = <T extends ReturnType<typeof Type.Object> | ReturnType<typeof Type.String>>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

const UsageTotalsSchema = Type.Object({
  cycles: Counter,
  bytes: Counter,
  packets: Counter,
  memoryByteSeconds: Counter,
  reservedCoreSeconds: Counter,
});
const amounts = {
  subtotalMicro: Money,
  minimumMicro: Type.Unsafe<bigint>(
    Type.Integer({ description: 'what the month’s minimum adds; negative where an earlier part of the month has paid it' }),
  ),
  totalMicro: Money,
};

const PartSchema = Type.Object({
  from: Moment,
  to: Moment,
  tariff: nullable(
    Type.Object({
      name: Type.String(),
      effectiveFrom: nullable(Type.String(), 'null: it always held'),
      hash: Type.String({ description: 'SHA-256 of the tariff’s canonical text' }),
    }),
    'null: none was in force',
  ),
  usage: UsageTotalsSchema,
  lines: Type.Array(BillLineSchema),
  ...amounts,
});

/** As pricing/invoice.ts makes it, in canonical JSON. */
export const InvoiceSchema = Type.Object({
  tenant: Type.String(),
  instances: Type.Array(Type.String()),
  ledgerHead: nullable(Type.String(), 'SEQUENCE:HASH of the last record before the end of the period'),
  period: Time,
  recorded: nullable(Time, 'from the first record in the period to the last'),
  currency: Type.String(),
  usage: UsageTotalsSchema,
  parts: Type.Array(PartSchema),
  ...amounts,
  totalMinor: Type.Unsafe<bigint>(Type.Integer({ minimum: 0, description: 'the total in the currency’s smallest unit' })),
  minorDigits: Type.Integer({ description: 'decimal digits of that unit' }),
});

export const SimulationSchema = Type.Object({
  period: Time,
  tariffs: Type.Array(Type.String()),
  tenants: Type.Array(
    Type.Object({
      tenant: Type.String(),
      invoices: Type.Array(Type.Union([InvoiceSchema, Type.Null()], { description: 'null: no tariff was in force' })),
    }),
  ),
});

const period = Type.String({ maxLength: 64, description: '2026, 2026-11, 2026-11-05, or FROM/TO' });
export const InvoiceQuery = Type.Object({ period }, strict);

/** Prices to try. Without `pricing` they are those that were in force. */
const CandidateSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256 }),
    pricing: Type.Optional(pricingSchema),
    tenants: Type.Optional(Type.Record(nameSchema, Type.Object({ tariff: Type.Optional(nameSchema) }, strict))),
    only: Type.Optional(Type.String({ description: 'the tariff that every tenant has' })),
  },
  strict,
);
export const SimulationBody = Type.Object(
  {
    period,
    tenants: Type.Optional(Type.Array(nameSchema, { minItems: 1, maxItems: 63 })),
    tariffs: Type.Array(CandidateSchema, { minItems: 1, maxItems: 2 }),
  },
  strict,
);
