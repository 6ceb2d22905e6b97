import { Type, type Static } from 'typebox';
import { nameSchema } from '../../config/schema.js';
import { oneOf } from '../../config/schema-parts.js';
import { pluginStates } from '../../model/plugin.js';
import { Counter, strict } from './common.js';

export const PluginParams = Type.Object({ tenant: nameSchema, plugin: nameSchema }, strict);
export const EnabledSchema = Type.Object({ enabled: Type.Boolean() }, strict);
/** A path's query is text. */
export const LogQuery = Type.Object(
  {
    lines: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,3}$', description: 'the last so many, 500 at most; 100 where left out' }),
    ),
  },
  strict,
);

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const PluginSchema = Type.Object({
  name: Type.String(),
  /** 0: it sees packets first. */
  index: Type.Integer(),
  state: oneOf(pluginStates),
  reason: nullable(Type.String({ description: 'why it does not run, or last failed' })),
  version: nullable(Type.String()),
  description: Type.String(),
  headers: Type.Array(Type.String(), { description: 'that it may look at' }),
  onFailure: oneOf(['withdraw', 'keep']),
  rules: Type.Integer({ description: 'that it has in the switch' }),
  restarts: Type.Integer({ description: 'processes that were started because it failed' }),
  handled: Type.Integer({ description: 'packets that its handlers got' }),
  forwarded: Type.Integer(),
  output: Type.Integer(),
  dropped: Type.Integer(),
  consumed: Type.Integer(),
  emitted: Type.Integer({ description: 'frames of its own' }),
  errors: Type.Integer({ description: 'that its callbacks threw' }),
  metrics: Type.Record(Type.String(), Type.Number()),
});

export const PluginHostSchema = Type.Object(
  {
    pid: nullable(Type.Integer()),
    cpuMs: Type.Integer({ description: 'of all its processes since the switch started' }),
    residentBytes: Type.Integer(),
    throttledMs: Type.Integer({ description: 'for which the process that runs was stopped as it was over its CPU budget' }),
    punted: Counter,
    puntedBytes: Counter,
    resumed: Counter,
    output: Counter,
    refused: Counter,
  },
  { description: "the process that the tenant's plugins run in" },
);

export const PluginListSchema = Type.Object({ host: nullable(PluginHostSchema), plugins: Type.Array(PluginSchema) });
export const PluginLogSchema = Type.Object({
  lines: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time' }),
      level: Type.String(),
      message: Type.String(),
      fields: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    }),
  ),
});

export type PluginView = Static<typeof PluginSchema>;
export type PluginHostView = Static<typeof PluginHostSchema>;
export type PluginListView = Static<typeof PluginListSchema>;
export type PluginLogView = Static<typeof PluginLogSchema>;
