import { rebase } from '../faults.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import { ShareChangesSchema, ShareListSchema } from '../schemas/shares.js';

const tags = ['tenants'];

/** How tenants share the workers. */
export function shareRoutes(app: ApiInstance, { shares }: ApiContext): void {
  app.get(
    '/v1/shares',
    {
      schema: {
        operationId: 'listShares',
        tags,
        summary: "What each tenant may have of a worker's core",
        response: answers(ShareListSchema),
      },
    },
    async () => ({ shares: shares.list() }),
  );
  app.patch(
    '/v1/shares',
    {
      schema: {
        operationId: 'changeShares',
        tags,
        summary: 'Changes shares of some tenants, all or none',
        description: 'They hold from the next tenth of a millisecond on. A restart has those of the config.',
        body: ShareChangesSchema,
        response: answers(ShareListSchema),
      },
    },
    async ({ body }) => ({ shares: await rebase('', '/shares', () => shares.change(body.shares)) }),
  );
}
