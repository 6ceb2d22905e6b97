import { Type, type Static } from 'typebox';
import { optional, strict } from './schema-parts.js';

export const defaultCycleWeight = 100;

const percentOf = (minimum: number, description: string) => Type.Integer({ minimum, maximum: 100, description });

/** A tenant's part of each worker's core. */
export const cycleShareSchema = Type.Object(
  {
    weight: optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: defaultCycleWeight,
        description: "beside the other tenants' weights: its part of the cycles that nobody has as a guarantee, where they are short",
      }),
    ),
    guaranteedPercent: optional(percentOf(0, "of each worker's core, where the tenant has packets for it")),
    capPercent: optional(percentOf(1, "of each worker's core, at the most, also where others leave it idle")),
  },
  { ...strict, description: 'how much of a worker' },
);

export type CycleShareConfig = Static<typeof cycleShareSchema>;
