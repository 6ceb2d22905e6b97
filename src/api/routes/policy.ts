import type { ApiContext, ApiInstance } from '../context.js';
import { etagOf, IfMatch, ifMatchOf } from '../if-match.js';
import { underPointer } from '../faults.js';
import { answers } from '../schemas/common.js';
import { FlowResultSchema, PolicySetSchema, PolicyViewSchema } from '../schemas/flows.js';

const tags = ['policy'];

/** Which tenants may send to which: one-way entries, from which guards and routes are derived. */
export function policyRoutes(app: ApiInstance, { flows }: ApiContext): void {
  app.get(
    '/v1/policy',
    { schema: { operationId: 'getPolicy', tags, summary: 'Who may send to whom', response: answers(PolicyViewSchema) } },
    async (_request, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return { generation: flows.generation, policy: flows.policy() };
    },
  );
  app.put(
    '/v1/policy',
    {
      schema: {
        operationId: 'setPolicy',
        tags,
        summary: 'Replaces the policy; what it no longer allows is refused from then on',
        headers: IfMatch,
        body: PolicySetSchema,
        response: answers(FlowResultSchema),
      },
    },
    async (request, reply) => {
      const ifMatch = ifMatchOf(request.headers['if-match']);
      const result = await underPointer('/policy', () => flows.setPolicy(request.body.policy, ifMatch));
      reply.header('etag', etagOf(result.generation));
      return result;
    },
  );
}
