import { Type, type Static } from 'typebox';
import { flowSchema, groupSchema, meterSchema, policySchema } from '../../config/schema.js';
import { maxGroups, maxMeters } from '../../switch/options.js';
import { bands, type Band, type FlowText } from '../../model/flow.js';
import { Counter, GenerationSchema, strict } from './common.js';
import { flowOperationSchema } from './operations.js';
import { OwnerSchema } from './owner.js';

/** More flows than the largest table set can have are refused before they are looked at. */
const maxFlows = 1_000_000;

export const InstalledFlowSchema = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  owner: OwnerSchema,
  band: Type.Unsafe<Band>(
    Type.Union(
      Object.keys(bands).map((band) => Type.Literal(band)),
      { description: 'within a table any flow of a higher band wins: derived, tenant, plugin, guard, operator' },
    ),
  ),
  flow: Type.Unsafe<FlowText>(flowSchema),
  packets: Counter,
  bytes: Counter,
  durationMs: Type.Integer({ minimum: 0, description: 'since it was added' }),
});
export const FlowListSchema = Type.Object({ generation: GenerationSchema, flows: Type.Array(InstalledFlowSchema) });

export const FlowSetSchema = Type.Object(
  {
    flows: Type.Array(flowSchema, { maxItems: maxFlows }),
    groups: Type.Optional(Type.Array(groupSchema, { maxItems: maxGroups, description: 'all groups; left out, they stay' })),
    meters: Type.Optional(Type.Array(meterSchema, { maxItems: maxMeters, description: 'all meters; left out, they stay' })),
  },
  strict,
);
export const TransactionSchema = Type.Object(
  { operations: Type.Array(flowOperationSchema, { maxItems: maxFlows, description: 'all are done, or none' }) },
  strict,
);
const touched = { added: Type.Integer(), modified: Type.Integer(), deleted: Type.Integer() };
export const FlowResultSchema = Type.Object({
  generation: GenerationSchema,
  ...touched,
  groups: Type.Object(touched),
  meters: Type.Object(touched),
});

export const PolicySetSchema = Type.Object({ policy: Type.Array(policySchema, { maxItems: 4096 }) }, strict);
export const PolicyViewSchema = Type.Object({ generation: GenerationSchema, policy: Type.Array(policySchema) });

export type InstalledFlowView = Static<typeof InstalledFlowSchema>;
export type FlowListView = Static<typeof FlowListSchema>;
export type FlowResultView = Static<typeof FlowResultSchema>;
export type PolicyView = Static<typeof PolicyViewSchema>;
