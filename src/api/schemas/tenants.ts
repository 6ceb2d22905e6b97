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
});
export const TableListSchema = Type.Object({ generation: GenerationSchema, tables: Type.Array(TableViewSchema) });

export type TenantView = Static<typeof TenantViewSchema>;
export type TenantListView = Static<typeof TenantListSchema>;
export type TableView = Static<typeof TableViewSchema>;
export type TableListView = Static<typeof TableListSchema>;
