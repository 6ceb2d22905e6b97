import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import { LedgerSchema, RecordsQuery, RecordsSchema } from '../schemas/ledger.js';
import { UsageSchema } from '../schemas/usage.js';

export function usageRoutes(app: ApiInstance, { usage, ledger }: ApiContext): void {
  app.get(
    '/v1/usage',
    {
      schema: {
        operationId: 'usage',
        tags: ['usage'],
        summary: 'Rates, totals and the running bill: per tenant, port and worker',
        response: answers(UsageSchema),
      },
    },
    async () => usage(),
  );
  app.get(
    '/v1/usage/records',
    {
      schema: {
        operationId: 'usageRecords',
        tags: ['usage'],
        summary: 'Usage records of the ledger, by page: of a tenant, or of all and the instance',
        querystring: RecordsQuery,
        response: answers(RecordsSchema),
      },
    },
    async ({ query }) => ledger.records(query),
  );
  app.get(
    '/v1/usage/ledger',
    {
      schema: {
        operationId: 'usageLedger',
        tags: ['usage'],
        summary: 'Where the ledger stands: its head, size, and what keeps it from being written',
        response: answers(LedgerSchema),
      },
    },
    async () => ledger.status(),
  );
}
