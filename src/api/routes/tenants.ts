import { Type } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { etagOf } from '../if-match.js';
import { answers, strict } from '../schemas/common.js';
import { TableDetailListSchema, TableListSchema, TenantListSchema, TenantViewSchema } from '../schemas/tenants.js';
import { tenantView } from '../views/tenants.js';

const Params = Type.Object({ tenant: nameSchema }, strict);
/** A path is text; 0 to 63. */
const TableParams = Type.Object({ table: Type.String({ pattern: '^([0-9]|[1-5][0-9]|6[0-3])$' }) }, strict);

/** Tenants as the config has them, and the tables that their packets go through. */
export function tenantRoutes(app: ApiInstance, context: ApiContext): void {
  app.get(
    '/v1/tenants',
    {
      schema: {
        operationId: 'listTenants',
        tags: ['tenants'],
        summary: 'All tenants, their networks, VMs and ports',
        response: answers(TenantListSchema),
      },
    },
    async () => ({ tenants: context.tenants() }),
  );
  app.get(
    '/v1/tenants/:tenant',
    {
      schema: {
        operationId: 'getTenant',
        tags: ['tenants'],
        summary: 'One tenant',
        params: Params,
        response: answers(TenantViewSchema),
      },
    },
    async ({ params }) => tenantView(context, params.tenant),
  );
  app.get(
    '/v1/tables',
    {
      schema: {
        operationId: 'listTables',
        tags: ['flows'],
        summary: 'The tables of each tenant in the data plane, with what they looked up and found',
        response: answers(TableListSchema),
      },
    },
    async (_request, reply) => {
      reply.header('etag', etagOf(context.flows.generation));
      return { generation: context.flows.generation, tables: context.tables() };
    },
  );
  app.get(
    '/v1/tables/:table',
    {
      schema: {
        operationId: 'getTable',
        tags: ['flows'],
        summary: 'What a table was compiled to, for each tenant that has rules in it',
        params: TableParams,
        response: answers(TableDetailListSchema),
      },
    },
    async ({ params }, reply) => {
      const details = await context.tableDetails();
      reply.header('etag', etagOf(context.flows.generation));
      return { generation: context.flows.generation, tables: details.filter(({ table }) => table === Number(params.table)) };
    },
  );
  app.get(
    '/v1/tenants/:tenant/tables',
    {
      schema: {
        operationId: 'listTenantTables',
        tags: ['flows'],
        summary: "A tenant's tables in the data plane, with what they looked up and found",
        params: Params,
        response: answers(TableListSchema),
      },
    },
    async ({ params }, reply) => {
      const { slot } = tenantView(context, params.tenant);
      reply.header('etag', etagOf(context.flows.generation));
      return { generation: context.flows.generation, tables: context.tables().filter((table) => table.slot === slot) };
    },
  );
}
