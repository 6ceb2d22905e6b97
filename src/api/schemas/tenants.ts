import { Type, type Static } from 'typebox';
import { Counter, GenerationSchema } from './common.js';

export const TenantViewSchema = Type.Object({
  name: Type.String(),
  slot: Type.Integer({ description: "the tenant's table set in the data plane" }),
  networks: Type.Array(Type.Object({ prefix: Type.String(), gateway: Type.String(), vlan: Type.Optional(Type.Integer()) })),
  vms: Type.Array(
    Type.Object({ name: Type.String(), port: Type.String(), mac: Type.String(), addresses: Type.Array(Type.String()) }),
  ),
  ports: Type.Array(Type.String()),
  flows: Type.Integer({ description: 'flows that the tenant owns' }),
  limits: Type.Object({ rules: Type.Integer() }),
});
export const TenantListSchema = Type.Object({ tenants: Type.Array(TenantViewSchema) });

export const TableViewSchema = Type.Object({
  tenant: Type.Union([Type.String(), Type.Null()], { description: 'null: packets of no tenant' }),
  slot: Type.Integer(),
  table: Type.Integer(),
  rules: Type.Integer({ description: 'rules of all owners' }),
  masks: Type.Integer({ description: 'different masks among the rules' }),
  lookups: Counter,
  matches: Counter,
  timed: Type.Unsafe<bigint>(
    Type.Integer({ minimum: 0, description: 'look-ups whose cycles were measured: those of one burst in 16' }),
  ),
  cycles: Type.Unsafe<bigint>(Type.Integer({ minimum: 0, description: 'TSC cycles of matching those, on all workers' })),
  cyclesPerLookup: Type.Number({ description: 'of those that were measured since the switch started; 0 where there was none' }),
  rates: Type.Object(
    { lookupsPerS: Type.Number(), cyclesPerLookup: Type.Number() },
    { description: 'over the last interval, as in /v1/usage' },
  ),
});
export const TableListSchema = Type.Object({ generation: GenerationSchema, tables: Type.Array(TableViewSchema) });

const Template = {
  template: Type.String({ description: 'empty, direct, linear, exact, sub_tables, lpm or merged; why: docs/decisions.md' }),
  memoryBytes: Type.Integer({ description: 'of the look-up structure' }),
  maxProbes: Type.Integer({ description: 'cells, slots and rules that a look-up compares at most, whatever the packet' }),
};
export const TableDetailSchema = Type.Object({
  ...TableViewSchema.properties,
  ...Template,
  memoryLimitBytes: Type.Integer({ description: 'that the table may take; /limits/tableMib in the config' }),
  bytesPerRule: Type.Integer({ description: 'with its action program and its counters of one worker' }),
  parts: Type.Array(Type.Object(Template), { description: 'in the order in which they are looked up, strongest first' }),
});
export const TableDetailListSchema = Type.Object({ generation: GenerationSchema, tables: Type.Array(TableDetailSchema) });

export type TenantView = Static<typeof TenantViewSchema>;
export type TenantListView = Static<typeof TenantListSchema>;
export type TableView = Static<typeof TableViewSchema>;
export type TableDetail = Static<typeof TableDetailSchema>;
export type TableDetailListView = Static<typeof TableDetailListSchema>;
export type TableListView = Static<typeof TableListSchema>;
