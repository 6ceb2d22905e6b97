import type { MatchText } from '../../model/match.js';
import type { Json, PluginContext, RouteAnswer, RouteHandler, RouteMethod, RouteRequest } from '../sdk/context.js';
import type { Plugin } from '../sdk/define.js';
import { PluginError } from '../sdk/errors.js';
import type { PluginEvent, PluginEventType } from '../sdk/events.js';
import type { EmitTarget, PacketHandler } from '../sdk/packets.js';
import type { PluginTopology } from '../sdk/topology.js';
import type { PluginTally } from '../wire/messages.js';
import { output, resume } from '../wire/record.js';
import { checkFrame, noVerdicts, type VerdictPort } from './batch.js';
import { Metrics } from './metrics.js';
import type { Outside } from './outside.js';
import { Rules } from './rules.js';
import { Store } from './store.js';
import { Timers } from './timers.js';

export interface InstanceOptions {
  readonly tenant: string;
  readonly name: string;
  /** 0 to 15, in the order of the config. */
  readonly index: number;
  readonly options: unknown;
  readonly topology: PluginTopology;
  /** As it was saved. */
  readonly store: string;
}

interface Route {
  readonly method: RouteMethod;
  readonly path: string;
  readonly handler: RouteHandler;
}

/** A plugin that was set up: its context, and what it registered. */
export class Instance implements VerdictPort {
  readonly name: string;
  readonly counts = noVerdicts();
  readonly doneBits: number;
  readonly #plugin: Plugin;
  readonly #index: number;
  readonly #outside: Outside;
  readonly #rules: Rules;
  readonly #timers: Timers;
  readonly #store: Store;
  readonly #metrics = new Metrics();
  readonly #context: PluginContext;
  readonly #handlers: PacketHandler[] = [];
  readonly #listeners: { readonly type: PluginEventType; readonly handler: (event: never) => void }[] = [];
  readonly #routes: Route[] = [];
  readonly #stops: (() => void | Promise<void>)[] = [];
  #topology: PluginTopology;
  #emitted = 0;
  #errors = 0;

  constructor(plugin: Plugin, { tenant, name, index, options, topology, store }: InstanceOptions, outside: Outside) {
    this.name = name;
    this.doneBits = (2 << index) - 1;
    this.#plugin = plugin;
    this.#index = index;
    this.#outside = outside;
    this.#topology = topology;
    this.#rules = new Rules(index, outside);
    this.#timers = new Timers(outside);
    this.#store = new Store(store, (text) => outside.save(text));
    this.#context = this.#contextOf(tenant, options);
  }

  get writer(): Outside['writer'] {
    return this.#outside.writer;
  }

  wrote(): void {
    this.#outside.wrote();
  }

  /** @throws what the plugin's setup throws, and PluginError where the switch refuses its rules. */
  async setup(): Promise<void> {
    await this.#plugin.setup(this.#context);
    await this.#rules.ready();
  }

  /** By its own number; undefined where there is none. */
  handler(own: number): PacketHandler | undefined {
    return this.#handlers[own];
  }

  hear(event: PluginEvent): void {
    if (event.type === 'topology_changed') this.#topology = event.topology;
    for (const { type, handler } of this.#listeners) if (type === event.type) this.#outside.run(() => handler(event as never));
  }

  /** @throws PluginError NOT_FOUND, or what the handler throws. */
  async answer(method: RouteMethod, request: RouteRequest): Promise<RouteAnswer> {
    const { path } = request;
    const fits = (route: Route): boolean =>
      route.method === method && (route.path.endsWith('/*') ? path.startsWith(route.path.slice(0, -1)) : path === route.path);
    const route = this.#routes.find(fits);
    if (!route) throw new PluginError('NOT_FOUND', `plugin ${this.name} has no ${method} ${path}`);
    return route.handler(request);
  }

  /** What it wanted done at its end, and its store on the disk. */
  async stop(): Promise<void> {
    this.#timers.end();
    for (const work of this.#stops.reverse()) await work();
    await this.#store.flush();
  }

  /** It failed: nothing is done any more, not what it wanted at its end. */
  halt(): void {
    this.#timers.end();
  }

  /** An error of its code was caught. */
  noteError(): void {
    this.#errors++;
  }

  tally(): PluginTally {
    return { ...this.counts, emitted: this.#emitted, errors: this.#errors, metrics: this.#metrics.values() };
  }

  #contextOf(tenant: string, options: unknown): PluginContext {
    const outside = this.#outside;
    const topology = (): PluginTopology => this.#topology;
    const log =
      (level: 'debug' | 'info' | 'warn' | 'error') =>
      (message: string, fields?: Readonly<Record<string, Json>>): void =>
        outside.log(level, message, fields);
    return {
      tenant,
      name: this.name,
      options,
      get topology() {
        return topology();
      },
      rules: this.#rules,
      timers: this.#timers,
      store: this.#store,
      metrics: this.#metrics,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      onPackets: (match: MatchText, handler: PacketHandler, { priority } = {}) => {
        this.#handlers[this.#rules.punt(match, priority)] = handler;
      },
      emit: (frame, target) => this.#emit(frame, target),
      on: (type, handler) => void this.#listeners.push({ type, handler: handler }),
      raise: (event, details = {}) => outside.raise(event, details),
      route: (method, path, handler) => {
        if (!path.startsWith('/')) throw new PluginError('PLUGIN_INVALID', `the path ${path} does not begin with /`);
        this.#routes.push({ method, path, handler });
      },
      onStop: (work) => void this.#stops.push(work),
    };
  }

  #emit(frame: Uint8Array, target: EmitTarget): void {
    checkFrame(frame.length);
    const { ports, uplinks } = this.#topology;
    const isOut = 'out' in target;
    const asked = isOut ? target.out : target.in;
    const port = (isOut ? ports : [...ports, ...uplinks]).find(({ name, number }) => name === asked || number === asked);
    if (!port) throw new PluginError('PORT_NOT_FOUND', `there is no port ${asked} that a plugin of the tenant can emit to`);
    // Past this plugin and those before it: their bits are the low ones.
    const mark = isOut || target.again === true ? 0 : (2 << this.#index) - 1;
    this.#outside.writer.add(isOut ? output : resume, 0, port.number, mark, frame, 0, frame.length);
    this.#emitted++;
    this.#outside.wrote();
  }
}
