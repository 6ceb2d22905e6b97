import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import { ParserSchema } from '../schemas/parser.js';

/** GET /v1/parser: which headers of each port's packets are read, and because of which flow. */
export function parserRoutes(app: ApiInstance, { parser }: ApiContext): void {
  app.get(
    '/v1/parser',
    {
      schema: {
        operationId: 'getParser',
        tags: ['flows'],
        summary: "The headers of each port's packets that are read, and because of which flow",
        response: answers(ParserSchema),
      },
    },
    async () => parser(),
  );
}
