import type { Json, RouteMethod } from '../../plugins/sdk/context.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { answers } from '../schemas/common.js';
import { TenantParams } from '../schemas/params.js';
import { EnabledSchema, LogQuery, PluginListSchema, PluginLogSchema, PluginParams, PluginSchema } from '../schemas/plugins.js';
import { pluginList, pluginLog, pluginView } from '../views/plugins.js';
import { tenantOf } from '../views/tenants.js';

const tags = ['plugins'];
const base = '/v1/tenants/:tenant/plugins';
const defaultLines = 100;

/** The plugins of tenants. */
export function pluginRoutes(app: ApiInstance, context: ApiContext): void {
  const { plugins } = context;
  const found = (tenant: string, plugin: string) => {
    tenantOf(context, tenant);
    return plugins.find(tenant, plugin);
  };
  app.get(
    base,
    {
      schema: {
        operationId: 'listPlugins',
        tags,
        summary: "A tenant's plugins, in the order in which they see packets, and their process",
        params: TenantParams,
        response: answers(PluginListSchema),
      },
    },
    async ({ params }) => {
      tenantOf(context, params.tenant);
      return pluginList(plugins, params.tenant);
    },
  );
  app.get(
    `${base}/:plugin`,
    { schema: { operationId: 'getPlugin', tags, summary: 'One plugin', params: PluginParams, response: answers(PluginSchema) } },
    async ({ params }) => {
      const { of, record } = found(params.tenant, params.plugin);
      return pluginView(of, record);
    },
  );
  app.put(
    `${base}/:plugin/enabled`,
    {
      schema: {
        operationId: 'enablePlugin',
        tags,
        summary: 'Lets a plugin run, or not',
        description:
          'One that failed too often is tried again when it is enabled. A disabled plugin has no rules; its store stays. A restart of the switch has what the config says. The tenant’s other plugins are started anew with it.',
        params: PluginParams,
        body: EnabledSchema,
        response: answers(PluginSchema),
      },
    },
    async ({ params, body }) => {
      const { of, record } = found(params.tenant, params.plugin);
      await of.setEnabled(record, body.enabled);
      return pluginView(of, record);
    },
  );
  app.post(
    `${base}/:plugin/reload`,
    {
      schema: {
        operationId: 'reloadPlugin',
        tags,
        summary: 'Loads a plugin anew from its file',
        description: 'Its rules stay until the new one gives its own, and so does its store.',
        params: PluginParams,
        response: answers(PluginSchema),
      },
    },
    async ({ params }) => {
      const { of, record } = found(params.tenant, params.plugin);
      await of.reload(record);
      return pluginView(of, record);
    },
  );
  app.get(
    `${base}/:plugin/logs`,
    {
      schema: {
        operationId: 'pluginLogs',
        tags,
        summary: 'What a plugin wrote lately, and what was said of it',
        params: PluginParams,
        querystring: LogQuery,
        response: answers(PluginLogSchema),
      },
    },
    async ({ params, query }) => {
      const { record } = found(params.tenant, params.plugin);
      return pluginLog(record, query.lines === undefined ? defaultLines : Number(query.lines));
    },
  );
  // What is behind it is the plugin's own, and in no schema of the switch.
  app.route<{
    Params: { tenant: string; plugin: string; '*': string };
    Querystring: Record<string, string>;
    Body: Json | undefined;
  }>({
    method: ['GET', 'PUT', 'POST', 'DELETE'],
    url: `${base}/:plugin/api/*`,
    schema: { hide: true },
    handler: async ({ params, query, body, method }, reply) => {
      const { of, record } = found(params.tenant, params.plugin);
      const path = `/${params['*']}`;
      const answer = await of.request(record, { method: method as RouteMethod, path, query: { ...query }, body });
      return reply
        .code(answer.status)
        .type('application/json')
        .send(answer.body ?? null);
    },
  });
}
