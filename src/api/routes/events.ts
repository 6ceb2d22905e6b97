import { Readable } from 'node:stream';
import type { ApiContext, ApiInstance } from '../context.js';
import type { EventQueue } from '../events.js';
import { toJson } from '../json.js';
import { textAnswer } from '../schemas/common.js';

/** A comment line this often keeps the connection from looking dead. */
const heartbeatMs = 15_000;

/** GET /v1/events: what changes, as server-sent events (HTML Living Standard, section 9.2). */
export function eventRoutes(app: ApiInstance, { events }: ApiContext): void {
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'events',
        tags: ['switch'],
        summary: 'Changes as they happen, as server-sent events',
        description:
          'Events `flows` (a new generation), `flow_removed` (a flow is deleted, or its timeout came: what it was, and its last counters), `port_added`, `port_removed`, `port_link`, `conntrack_cap` (a tenant reached a limit of its connections: which, and how often since the last such event, at most one a second), `nat_exhausted` (no address and port was free, likewise), `plugin_state` (a plugin runs, or does not: which, and why), `plugin_event` (what a plugin tells by itself), `ledger_fault` (the usage ledger cannot be written: why; told once until that changes), `ledger_recovered` (it is written again, with all that was used meanwhile), `clock_jumped` (by how much, back where negative), and `lost` (this listener was too slow and missed that many).',
        response: textAnswer('text/event-stream', 'events'),
      },
    },
    async (request, reply) => {
      const queue = events.subscribe();
      request.raw.once('close', () => events.unsubscribe(queue));
      reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store');
      return reply.send(Readable.from(lines(queue)));
    },
  );
}

async function* lines(queue: EventQueue): AsyncGenerator<string> {
  yield ': welcome\n\n';
  while (!queue.ended) {
    const events = await queue.take(heartbeatMs);
    if (events.length === 0) yield ': still here\n\n';
    for (const { type, ...data } of events) yield `event: ${type}\ndata: ${toJson(data)}\n\n`;
  }
}
