import { Type } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import { jsonPointer, VswitchError } from '../../model/errors.js';
import { portName } from '../../model/ids.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { rebase } from '../faults.js';
import { answers, emptyAnswer, strict } from '../schemas/common.js';
import { NewPortSchema, PortListSchema, PortViewSchema } from '../schemas/ports.js';

const tags = ['ports'];
const Params = Type.Object({ name: nameSchema }, strict);

/** Ports; they come and go while the others forward. */
export function portRoutes(app: ApiInstance, { ports }: ApiContext): void {
  app.get(
    '/v1/ports',
    { schema: { operationId: 'listPorts', tags, summary: 'All ports and their links', response: answers(PortListSchema) } },
    async () => {
      await ports.refresh();
      return { ports: ports.list() };
    },
  );
  app.get(
    '/v1/ports/:name',
    { schema: { operationId: 'getPort', tags, summary: 'One port', params: Params, response: answers(PortViewSchema) } },
    async ({ params }) => {
      await ports.refresh();
      const found = ports.list().find((port) => port.name === params.name);
      if (found) return found;
      const message = `no port is called ${params.name}`;
      throw new VswitchError('PORT_NOT_FOUND', message, [
        { pointer: '/params/name', value: params.name, message, remedy: 'GET /v1/ports lists them' },
      ]);
    },
  );
  app.post(
    '/v1/ports',
    {
      schema: {
        operationId: 'addPort',
        tags,
        summary: 'Opens a port',
        description: 'It is gone after a restart, unless the config names it.',
        body: NewPortSchema,
        response: answers(PortViewSchema, 201),
      },
    },
    async ({ body }, reply) => {
      const port = await rebase(jsonPointer('ports', body.name), '/config', () => ports.add(portName(body.name), body.config));
      reply.code(201).header('location', `/v1/ports/${encodeURIComponent(body.name)}`);
      return port;
    },
  );
  app.delete(
    '/v1/ports/:name',
    {
      schema: {
        operationId: 'removePort',
        tags,
        summary: 'Closes a port; refused while flows name it',
        params: Params,
        response: emptyAnswer,
      },
    },
    async ({ params }, reply) => {
      await ports.remove(portName(params.name));
      return reply.code(204).send();
    },
  );
}
