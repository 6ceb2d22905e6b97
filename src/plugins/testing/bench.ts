import type { VswitchConfig } from '../../config/schema.js';
import { tenantName } from '../../model/ids.js';
import type { MatchText } from '../../model/match.js';
import { topologyView } from '../band/topology-view.js';
import type { PuntAction } from '../band/host-rule.js';
import { definitionOf, optionsOf } from '../host/definition.js';
import { Dispatch } from '../host/dispatch.js';
import { Instance } from '../host/instance.js';
import type { Json, RouteAnswer, RouteMethod } from '../sdk/context.js';
import type { Plugin } from '../sdk/define.js';
import type { PluginEvent } from '../sdk/events.js';
import { headerBytes, paddedBytes, putHead } from '../wire/record.js';
import { FakeClock } from './fake-clock.js';
import { FakeSwitch } from './fake-switch.js';
import { fieldsOf } from './fields.js';
import { labConfig, openTopology } from './lab.js';
import type { LogLine, Outcome, SentFrame } from './outcome.js';

export interface TestOptions {
  /** As the config would have them. */
  readonly options?: unknown;
  /** The tenant is the first of it; a lab with tenant `red`, VMs `vm1` behind `r1` and `vm2` behind `r2`, uplink `up` where left out. */
  readonly config?: VswitchConfig;
  /** Place among the tenant's plugins; 0 where left out. */
  readonly index?: number;
  /** What the store holds at first, by key. */
  readonly store?: Readonly<Record<string, Json>>;
}

/**
 * A plugin that was set up in this process, with everything around it made of memory. The rules are checked as the switch does; their
 * actions are told, and not done.
 */
export class PluginBench {
  readonly #instance: Instance;
  readonly #switch: FakeSwitch;
  readonly #clock: FakeClock;
  readonly #dispatch: Dispatch<Instance>;

  private constructor(instance: Instance, fake: FakeSwitch, clock: FakeClock) {
    this.#instance = instance;
    this.#switch = fake;
    this.#clock = clock;
    this.#dispatch = new Dispatch(65_536, new Map([[fake.index, instance]]), (_taker, work) => fake.run(work));
  }

  /** Loads and sets up. @throws what the plugin's setup throws, PluginError for its definition, its options, or its rules. */
  static async start(
    plugin: Plugin,
    { options, config = labConfig, index = 0, store = {} }: TestOptions = {},
  ): Promise<PluginBench> {
    const checked = definitionOf({ plugin }, plugin.name);
    const tenant = Object.keys(config.tenants ?? {})[0] ?? '';
    const topology = openTopology(config);
    const clock = new FakeClock();
    const fake = new FakeSwitch({ index, headers: checked.headers }, topology, clock);
    const instance = new Instance(
      checked,
      {
        tenant,
        name: checked.name,
        index,
        options: optionsOf(checked, options),
        topology: topologyView(topology, tenantName(tenant)),
        store: JSON.stringify(store),
      },
      fake,
    );
    await instance.setup();
    return new PluginBench(instance, fake, clock);
  }

  /** The rules in force, in the order in which the plugin gave them, those of `onPackets` last. */
  get rules() {
    return this.#switch.rules;
  }

  /** Groups and meters that were last given. */
  get stock() {
    return this.#switch.stock;
  }

  get logs(): readonly LogLine[] {
    return this.#switch.logs;
  }

  /** Events that the plugin raised. */
  get raised(): readonly { readonly event: string; readonly details: Readonly<Record<string, Json>> }[] {
    return this.#switch.raised;
  }

  get store(): Readonly<Record<string, Json>> {
    return this.#switch.saved;
  }

  get metrics(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#instance.tally().metrics.map(({ name, value }) => [name, value]));
  }

  /** Packets by verdict, errors of handlers, frames emitted. */
  get counts() {
    const { handled, forwarded, output, dropped, consumed, emitted, errors } = this.#instance.tally();
    return { handled, forwarded, output, dropped, consumed, emitted, errors };
  }

  /** What handlers, timers and listeners threw. */
  get errors(): readonly unknown[] {
    return this.#switch.errors;
  }

  /** Looks a frame up among the plugin's rules, and hands it to its handler where it is punted. */
  send(frame: Uint8Array, from: { readonly port: string; readonly fields?: MatchText }): Outcome {
    return this.sendAll([frame], from)[0] ?? { actions: undefined, punted: false, sent: [] };
  }

  /** The same of several, which come in one batch; what the handlers sent is told of the last. */
  sendAll(
    frames: readonly Uint8Array[],
    { port, fields = {} }: { readonly port: string; readonly fields?: MatchText },
  ): Outcome[] {
    const number = this.#switch.portNumber(port);
    const found = frames.map((frame) => this.#switch.find(fieldsOf(frame, number, fields, this.#switch.topology)));
    const records = found.flatMap((rule, i): Buffer[] => {
      const handler = rule?.rule.actions.find((action): action is PuntAction => action.type === 'punt')?.handler;
      const frame = frames[i];
      return handler === undefined || !frame ? [] : [recordOf(frame, number, handler)];
    });
    const before = this.#switch.taken();
    if (records.length > 0) this.#dispatch.accept(Buffer.concat(records).copy(this.#dispatch.reader.target));
    const sent = [...before, ...this.#switch.taken()];
    return found.map((rule, i) => ({
      actions: rule?.rule.actions,
      punted: rule?.rule.actions.some(({ type }) => type === 'punt') ?? false,
      sent: i === found.length - 1 ? sent : [],
    }));
  }

  /** Frames that were sent since they were last taken, for example by a timer. */
  takeSent(): readonly SentFrame[] {
    return this.#switch.taken();
  }

  /** Says what the rules of the last `replace` have counted. */
  count(counters: readonly { readonly packets: bigint; readonly bytes: bigint }[]): void {
    this.#switch.counters = counters;
  }

  /** Lets time pass for `ctx.timers`. */
  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }

  hear(event: PluginEvent): void {
    this.#instance.hear(event);
  }

  request(method: RouteMethod, path: string, body?: Json, query: Readonly<Record<string, string>> = {}): Promise<RouteAnswer> {
    return this.#instance.answer(method, { path, query, body });
  }

  stop(): Promise<void> {
    return this.#instance.stop();
  }
}

function recordOf(frame: Uint8Array, port: number, handler: number): Buffer {
  const record = Buffer.alloc(paddedBytes(frame.length));
  putHead(new DataView(record.buffer, record.byteOffset), 0, {
    length: frame.length,
    kind: 0,
    worker: 0,
    port,
    handler,
    mark: 0,
  });
  record.set(frame, headerBytes);
  return record;
}
