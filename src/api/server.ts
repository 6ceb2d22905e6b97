import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyError } from 'fastify';
import { VswitchError } from '../model/errors.js';
import { requireToken } from './auth.js';
import type { ApiContext, ApiInstance } from './context.js';
import { toJson } from './json.js';
import { openapiOptions } from './openapi.js';
import { bodyLimitBytes, fromFastify, problemMediaType, problemOf } from './problem.js';
import { conntrackRoutes } from './routes/conntrack.js';
import { eventRoutes } from './routes/events.js';
import { flowRoutes } from './routes/flows.js';
import { healthRoutes } from './routes/health.js';
import { invoiceRoutes } from './routes/invoices.js';
import { metricsRoutes } from './routes/metrics.js';
import { parserRoutes } from './routes/parser.js';
import { pluginRoutes } from './routes/plugins.js';
import { policyRoutes } from './routes/policy.js';
import { portRoutes } from './routes/ports.js';
import { shareRoutes } from './routes/shares.js';
import { stockRoutes } from './routes/stock.js';
import { tenantRoutes } from './routes/tenants.js';
import { traceRoutes } from './routes/trace.js';
import { usageRoutes } from './routes/usage.js';
import { validatorCompiler } from './validate.js';

export interface ApiOptions {
  readonly log: FastifyBaseLogger;
  /** Asked of every request where it is given. */
  readonly token?: string;
}

const resources = [
  healthRoutes,
  portRoutes,
  tenantRoutes,
  pluginRoutes,
  shareRoutes,
  flowRoutes,
  stockRoutes,
  parserRoutes,
  traceRoutes,
  conntrackRoutes,
  policyRoutes,
  usageRoutes,
  invoiceRoutes,
  metricsRoutes,
  eventRoutes,
] as const;

/** The JSON API, ready but not listening. */
export async function buildApi(context: ApiContext, { log, token }: ApiOptions): Promise<ApiInstance> {
  const app: ApiInstance = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    // Ends event streams and idle connections when the server closes.
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => toJson);
  app.setReplySerializer(toJson);
  app.setErrorHandler<FastifyError>((thrown, request, reply) => {
    const error = fromFastify(thrown, request.routeOptions.bodyLimit);
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: thrown, url: request.url }, 'request failed');
    return reply.code(problem.status).type(problemMediaType).send(problem);
  });
  app.setNotFoundHandler((request) => {
    const message = `there is no ${request.method} ${request.url}`;
    throw new VswitchError('NOT_FOUND', message, [
      { pointer: '', value: request.url, message, remedy: 'GET /openapi.json lists what there is' },
    ]);
  });
  if (token !== undefined) requireToken(app, token);
  await app.register(swagger, openapiOptions(context.info.version));
  await app.register(async (scope: ApiInstance) => {
    for (const routes of resources) routes(scope, context);
    scope.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  });
  await app.ready();
  return app;
}
