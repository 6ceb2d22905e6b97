import type { ApiContext, ApiInstance } from '../context.js';
import { textAnswer } from '../schemas/common.js';

export function metricsRoutes(app: ApiInstance, { metrics }: ApiContext): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        tags: ['usage'],
        summary: 'Every counter, in Prometheus’ text format',
        response: textAnswer('text/plain', 'metrics'),
      },
    },
    async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()),
  );
}
