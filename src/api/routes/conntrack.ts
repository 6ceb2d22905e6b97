import { Type } from 'typebox';
import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import {
  CtCountSchema,
  CtFilterQuery,
  CtFlushedSchema,
  CtFlushQuery,
  CtListQuery,
  CtListSchema,
  CtRestoredSchema,
  CtStatsSchema,
} from '../schemas/conntrack.js';

const tags = ['conntrack'];
const binary = 'application/octet-stream';
const bytes = { [binary]: { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } };
/** Some ten million connections. */
const snapshotLimitBytes = 2 ** 31 - 1;

/** The connections that the data plane tracks. */
export function conntrackRoutes(app: ApiInstance, { conntrack }: ApiContext): void {
  app.get(
    '/v1/conntrack',
    {
      schema: {
        operationId: 'listConnections',
        tags,
        summary: 'Connections, by page',
        querystring: CtListQuery,
        response: answers(CtListSchema),
      },
    },
    async ({ query }) => conntrack.list(query),
  );
  app.get(
    '/v1/conntrack/count',
    {
      schema: {
        operationId: 'countConnections',
        tags,
        summary: 'How many connections there are',
        querystring: CtFilterQuery,
        response: answers(CtCountSchema),
      },
    },
    async ({ query }) => ({ connections: await conntrack.count(query) }),
  );
  app.delete(
    '/v1/conntrack',
    {
      schema: {
        operationId: 'flushConnections',
        tags,
        summary: 'Forgets connections; all of them only where the query says all=true',
        querystring: CtFlushQuery,
        response: answers(CtFlushedSchema),
      },
    },
    async ({ query }) => ({ flushed: await conntrack.flush(query) }),
  );
  app.get(
    '/v1/conntrack/stats',
    {
      schema: {
        operationId: 'connectionStats',
        tags,
        summary: 'Memory, limits, and what became of connections and packets, by tenant',
        response: answers(CtStatsSchema),
      },
    },
    async () => conntrack.stats(),
  );
  snapshotRoutes(app, conntrack);
}

function snapshotRoutes(app: ApiInstance, conntrack: ApiContext['conntrack']): void {
  app.post(
    '/v1/conntrack/snapshot',
    {
      schema: {
        operationId: 'snapshotConnections',
        tags,
        summary: 'Every connection, for restore here or in another process',
        response: { ...answers(CtRestoredSchema), 200: { description: 'a snapshot', content: bytes } },
      },
    },
    async (_request, reply) => {
      const snapshot = await conntrack.snapshot();
      return reply.type(binary).send(Buffer.from(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength));
    },
  );
  app.addContentTypeParser(binary, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post<{ Body: Buffer }>(
    '/v1/conntrack/restore',
    {
      bodyLimit: snapshotLimitBytes,
      schema: {
        operationId: 'restoreConnections',
        tags,
        summary: 'Adds the connections of a snapshot to those that there are',
        consumes: [binary],
        response: answers(CtRestoredSchema),
      },
    },
    async ({ body }) => conntrack.restore(body),
  );
}
