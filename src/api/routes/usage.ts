import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import { UsageSchema } from '../schemas/usage.js';

export function usageRoutes(app: ApiInstance, { usage }: ApiContext): void {
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
}
