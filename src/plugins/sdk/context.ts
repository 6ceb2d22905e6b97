import type { PluginEvent, PluginEventType } from './events.js';
import type { EmitTarget, PacketHandler } from './packets.js';
import type { PluginRules } from './rules.js';
import type { MatchText } from '../../model/match.js';
import type { PluginTopology } from './topology.js';

/** Any value that JSON has. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a plugin works with. Whatever it registers ends with the plugin. */
export interface PluginContext<Options = unknown> {
  /** The tenant, and the plugin's name in its config. */
  readonly tenant: string;
  readonly name: string;
  /** As the config has them, checked by the plugin's schema, with its defaults. */
  readonly options: Options;
  /** Where the tenant's VMs are; `topology_changed` tells of another. */
  readonly topology: PluginTopology;
  readonly rules: PluginRules;
  /**
   * Punts packets that match to `handler`, in batches. The rule comes with those of `rules.replace`.
   * @param options.priority among the plugin's rules, 0 to 4095; 2048 where left out.
   */
  onPackets(match: MatchText, handler: PacketHandler, options?: { readonly priority?: number }): void;
  /** Sends a frame of the plugin's own, 14 to 9728 bytes without FCS; the bytes are copied. */
  emit(frame: Uint8Array, target: EmitTarget): void;
  readonly timers: PluginTimers;
  readonly store: PluginStore;
  readonly metrics: PluginMetrics;
  readonly log: PluginLog;
  /** Hears of what happens to the tenant. */
  on<T extends PluginEventType>(type: T, handler: (event: Extract<PluginEvent, { type: T }>) => void): void;
  /** Tells whoever listens to the switch's events. */
  raise(event: string, details?: Readonly<Record<string, Json>>): void;
  /** Answers `METHOD /v1/tenants/T/plugins/P/api/PATH`. A path is exact; one that ends in `/*` takes all below it. */
  route(method: RouteMethod, path: string, handler: RouteHandler): void;
  /** Is done when the plugin is stopped or reloaded; it has a second for it. */
  onStop(work: () => void | Promise<void>): void;
}

export interface PluginTimers {
  /** Milliseconds of a clock that is never set. */
  now(): number;
  /** Both give what ends them. */
  every(ms: number, work: () => void | Promise<void>): () => void;
  after(ms: number, work: () => void | Promise<void>): () => void;
}

/** Values by key that outlast the plugin, its reload and the switch: 1 MiB of JSON in all, 4096 keys. */
export interface PluginStore {
  get(key: string): Json | undefined;
  keys(): readonly string[];
  /** Resolves when it is on the disk. @throws PluginError STORE_FULL */
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
}

/** At most 64; each is a time series `vswitch_plugin_value{tenant,plugin,metric}`. */
export interface PluginMetrics {
  counter(name: string): { add(by?: number): void };
  gauge(name: string): { set(value: number): void };
}

export interface PluginLog {
  debug(message: string, fields?: Readonly<Record<string, Json>>): void;
  info(message: string, fields?: Readonly<Record<string, Json>>): void;
  warn(message: string, fields?: Readonly<Record<string, Json>>): void;
  error(message: string, fields?: Readonly<Record<string, Json>>): void;
}

export type RouteMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';

export interface RouteRequest {
  /** Without what is before the plugin's own paths: begins with `/`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
}

export interface RouteAnswer {
  /** 200 where left out. */
  readonly status?: number;
  readonly body?: Json;
}

export type RouteHandler = (request: RouteRequest) => RouteAnswer | Promise<RouteAnswer>;
