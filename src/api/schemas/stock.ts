import { Type, type Static } from 'typebox';
import { groupSchema, meterSchema } from '../../config/schema.js';
import type { GroupText } from '../../model/group.js';
import type { MeterText } from '../../model/meter.js';
import { Counter, GenerationSchema } from './common.js';
import { OwnerSchema } from './owner.js';

export const GroupViewSchema = Type.Object({
  owner: OwnerSchema,
  group: Type.Unsafe<GroupText>(groupSchema),
  packets: Counter,
  bytes: Counter,
});
export const GroupListSchema = Type.Object({ generation: GenerationSchema, groups: Type.Array(GroupViewSchema) });

export const MeterViewSchema = Type.Object({
  owner: OwnerSchema,
  meter: Type.Unsafe<MeterText>(meterSchema),
  packets: Counter,
  bytes: Counter,
  green: Counter,
  yellow: Counter,
  red: Counter,
});
export const MeterListSchema = Type.Object({ generation: GenerationSchema, meters: Type.Array(MeterViewSchema) });

export type GroupView = Static<typeof GroupViewSchema>;
export type GroupListView = Static<typeof GroupListSchema>;
export type MeterView = Static<typeof MeterViewSchema>;
export type MeterListView = Static<typeof MeterListSchema>;
