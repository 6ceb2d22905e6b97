import { Type } from 'typebox';
import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';

const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')], {
    description: '`degraded`: a port of the config is not open, or a link is down',
  }),
  name: Type.String({ description: "the instance's name" }),
  uptimeS: Type.Number(),
  ports: Type.Object({ open: Type.Integer(), failed: Type.Integer(), linkDown: Type.Integer() }),
});
const VersionSchema = Type.Object({
  version: Type.String(),
  dpdk: Type.String(),
  node: Type.String(),
  hugepages: Type.Boolean({ description: 'whether packet buffers are in hugepages' }),
  tscHz: Type.Integer({ description: 'TSC cycles per second' }),
});

export function healthRoutes(app: ApiInstance, { info, ports }: ApiContext): void {
  app.get(
    '/v1/health',
    {
      schema: {
        operationId: 'health',
        tags: ['switch'],
        summary: 'Whether the switch forwards',
        response: answers(HealthSchema),
      },
    },
    async () => {
      const all = ports.list();
      const failed = all.filter((port) => port.state === 'failed').length;
      const linkDown = all.filter((port) => port.state === 'open' && !port.link.up).length;
      return {
        status: failed + linkDown === 0 ? 'ok' : 'degraded',
        name: info.name,
        uptimeS: (Date.now() - info.startedAt.getTime()) / 1000,
        ports: { open: all.length - failed, failed, linkDown },
      };
    },
  );
  app.get(
    '/v1/version',
    { schema: { operationId: 'version', tags: ['switch'], summary: 'Which build runs', response: answers(VersionSchema) } },
    async () => ({
      version: info.version,
      dpdk: info.dpdkVersion,
      node: process.version,
      hugepages: info.hugepages,
      tscHz: info.tscHz,
    }),
  );
}
