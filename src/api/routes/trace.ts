import type { ApiContext, ApiInstance } from '../context.js';
import { etagOf } from '../if-match.js';
import { answers } from '../schemas/common.js';
import { TraceRequestSchema, TraceSchema } from '../schemas/trace.js';

/** The longest packet in hex, with room for what stands around it. */
const bodyLimit = 256 * 1024;

/** POST /v1/trace: what the installed program does with an imagined packet. */
export function traceRoutes(app: ApiInstance, { trace }: ApiContext): void {
  app.post(
    '/v1/trace',
    {
      bodyLimit,
      schema: {
        operationId: 'trace',
        tags: ['flows'],
        summary: 'What the installed program does with an imagined packet, and why; nothing is sent or counted',
        body: TraceRequestSchema,
        response: answers(TraceSchema),
      },
    },
    async ({ body }, reply) => {
      const view = await trace(body);
      reply.header('etag', etagOf(view.generation));
      return view;
    },
  );
}
