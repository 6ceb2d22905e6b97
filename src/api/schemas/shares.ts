import { Type, type Static } from 'typebox';
import { cycleShareSchema } from '../../config/cycle-schema.js';
import { nameSchema } from '../../config/schema.js';
import { strict } from './common.js';

const { weight, guaranteedPercent, capPercent } = cycleShareSchema.properties;

export const ShareChangeSchema = Type.Object(
  {
    weight: Type.Optional(Type.Union([weight, Type.Null()])),
    guaranteedPercent: Type.Optional(Type.Union([guaranteedPercent, Type.Null()])),
    capPercent: Type.Optional(Type.Union([capPercent, Type.Null()])),
  },
  { ...strict, description: 'what is left out stays; null is the default' },
);
export const ShareChangesSchema = Type.Object(
  { shares: Type.Record(nameSchema, ShareChangeSchema, { description: 'by tenant' }) },
  strict,
);

export const ShareSchema = Type.Object({
  tenant: Type.String(),
  weight: Type.Integer(),
  guaranteedPercent: Type.Integer({ description: "of each worker's core" }),
  capPercent: Type.Union([Type.Integer(), Type.Null()], { description: 'null: none' }),
});
export const ShareListSchema = Type.Object({ shares: Type.Array(ShareSchema) });

export type ShareListView = Static<typeof ShareListSchema>;
