import { Type, type Static } from 'typebox';
import { nameSchema, oneOf, optional, strict } from './schema-parts.js';

/** Of a tenant; each has a bit of its packets' `metadata`. */
export const maxTenantPlugins = 16;
export const defaultFirstUid = 60_600;

const integer = (minimum: number, maximum: number, byDefault: number, description: string) =>
  optional(Type.Integer({ minimum, maximum, default: byDefault, description }));
const absolute = (description: string) => Type.String({ pattern: '^/', maxLength: 4096, description });

/** A feature of a tenant's switch that is a program. */
export const pluginSchema = Type.Object(
  {
    name: nameSchema,
    path: optional(
      absolute('an absolute path of a plugin: its file, or the folder of its package; left out, `name` is a built-in'),
    ),
    options: optional(Type.Record(Type.String(), Type.Unknown(), { description: 'as the plugin asks for them' })),
    enabled: optional(Type.Boolean({ default: true })),
    onFailure: optional(oneOf(['withdraw', 'keep'])),
  },
  { ...strict, description: 'a plugin; the first of a list sees packets first' },
);

/** What the plugins of a tenant may use, all together. */
export const pluginHostSchema = Type.Object(
  {
    memoryMib: integer(128, 65_536, 256, 'resident memory of their process'),
    cpuPercent: integer(1, 400, 100, 'of a core; over it the process rests'),
    puntPacketsPerSecond: integer(0, 100_000_000, 0, 'that each worker hands to them; 0: as many as there are'),
    puntQueueKib: integer(16, 65_536, 1024, 'packets on their way to them, of each worker'),
    heartbeatMs: integer(300, 60_000, 3000, 'a process that runs for so long without a sign of life is ended'),
    maxFailures: integer(1, 100, 5, 'a plugin that fails so often within the window is not started again'),
    failureWindowS: integer(1, 86_400, 300, 'the window'),
    nice: integer(0, 19, 5, 'of their process'),
  },
  strict,
);

/** Where plugins of all tenants keep what they keep, and who they are. */
export const pluginsSchema = Type.Object(
  {
    stateDir: optional(absolute('an absolute path: the folder of the stores, a folder a tenant in it')),
    firstUid: integer(
      1000,
      2_000_000_000,
      defaultFirstUid,
      "user and group of the first tenant's plugins, of the others those that follow",
    ),
  },
  strict,
);

export type PluginConfig = Static<typeof pluginSchema>;
export type PluginHostConfig = Static<typeof pluginHostSchema>;
