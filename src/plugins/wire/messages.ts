import { Type, type Static } from 'typebox';
import { oneOf } from '../../config/schema-parts.js';
import type { ErrorCode, Fault } from '../../model/errors.js';
import { pluginHeaders, type PluginHeader } from '../sdk/headers.js';
import type { PluginEvent } from '../sdk/events.js';
import type { PluginTopology } from '../sdk/topology.js';
import type { Json, RouteMethod } from '../sdk/context.js';

/** A plugin that the host is to load. */
export interface PluginToLoad {
  readonly name: string;
  /** 0 to 15, in the order of the config. */
  readonly index: number;
  readonly file: string;
  readonly options: unknown;
  readonly store: string;
}

/** From the supervisor, which is trusted. */
export type HostOrder =
  | {
      readonly type: 'load';
      readonly tenant: string;
      readonly plugins: readonly PluginToLoad[];
      readonly topology: PluginTopology;
      /** Where the host notes whose code runs. */
      readonly current: string;
    }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | {
      readonly type: 'refusal';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly faults: readonly Fault[];
    }
  | { readonly type: 'beat' }
  | { readonly type: 'event'; readonly event: PluginEvent }
  | {
      readonly type: 'request';
      readonly id: number;
      readonly plugin: string;
      readonly method: RouteMethod;
      readonly path: string;
      readonly query: Readonly<Record<string, string>>;
      readonly body: Json | undefined;
    }
  | { readonly type: 'stop' };

/** The longest message of a host. */
export const maxMessageBytes = 1024 * 1024;
export const maxMetrics = 64;
export const metricPattern = '^[a-z][a-z0-9_]{0,47}$';

const strict = { additionalProperties: false } as const;
const name = Type.String({ minLength: 1, maxLength: 31 });
const text = Type.String({ maxLength: 8192 });
const count = Type.Integer({ minimum: 0 });
const id = Type.Integer({ minimum: 0 });
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
const details = Type.Record(Type.String(), Type.Unknown());

const tallySchema = Type.Object(
  {
    handled: count,
    forwarded: count,
    output: count,
    dropped: count,
    consumed: count,
    emitted: count,
    errors: count,
    metrics: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: metricPattern }),
          kind: Type.Union([Type.Literal('counter'), Type.Literal('gauge')]),
          value: Type.Number(),
        },
        strict,
      ),
      { maxItems: maxMetrics },
    ),
  },
  strict,
);
/** What a plugin did since its host started. */
export type PluginTally = Static<typeof tallySchema>;

/** From the host, which runs code that nobody trusts: checked when it comes. */
export const hostReportSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal('loaded'),
      plugin: name,
      version: Type.String({ maxLength: 32 }),
      description: Type.String({ maxLength: 500 }),
      headers: Type.Array(Type.Unsafe<PluginHeader>(oneOf(pluginHeaders)), {
        maxItems: 32,
      }),
      onFailure: Type.Union([Type.Literal('withdraw'), Type.Literal('keep')]),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('ready'), plugin: name }, strict),
  Type.Object(
    {
      type: Type.Literal('failed'),
      plugin: name,
      /** Whether it cannot be loaded at all, so that a restart would be of no use. */
      final: Type.Boolean(),
      message: text,
      faults: Type.Array(Type.Object({ pointer: text, message: text, remedy: Type.Optional(text) }, strict), { maxItems: 32 }),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('rules'), plugin: name, id, set: Type.Unknown() }, strict),
  Type.Object({ type: Type.Literal('counters'), plugin: name, id }, strict),
  Type.Object(
    {
      type: Type.Literal('log'),
      plugin: name,
      level: oneOf(logLevels),
      message: text,
      fields: Type.Optional(details),
    },
    strict,
  ),
  Type.Object(
    { type: Type.Literal('raise'), plugin: name, event: Type.String({ minLength: 1, maxLength: 63 }), details },
    strict,
  ),
  Type.Object({ type: Type.Literal('beat'), tallies: Type.Record(Type.String(), tallySchema) }, strict),
  Type.Object(
    {
      type: Type.Literal('answer'),
      id,
      status: Type.Integer({ minimum: 200, maximum: 599 }),
      body: Type.Optional(Type.Unknown()),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('stopped') }, strict),
]);
export type HostReport = Static<typeof hostReportSchema>;

/** In a line. */
export function failureWords({ message, faults }: Extract<HostReport, { readonly type: 'failed' }>): string {
  const [first = ''] = message.split('\n');
  const fault = faults[0];
  return fault ? `${first}: ${fault.pointer} ${fault.message}${fault.remedy === undefined ? '' : ` (${fault.remedy})`}` : first;
}
