import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { HostRuleSet } from '../band/host-rule.js';
import type { Json, RouteAnswer } from '../sdk/context.js';
import { PluginError } from '../sdk/errors.js';
import type { RuleResult } from '../sdk/rules.js';
import type { HostOrder, HostReport, PluginToLoad } from '../wire/messages.js';
import type { Control } from './control.js';
import { optionsOf } from './definition.js';
import { Dispatch } from './dispatch.js';
import { Current, ErrorBudget } from './guard.js';
import { Instance } from './instance.js';
import { loadPlugin } from './load.js';
import { LogLimit } from './log-limit.js';
import type { Outside } from './outside.js';
import { Punt, readBytes } from './punt.js';

type Order<T extends HostOrder['type']> = Extract<HostOrder, { readonly type: T }>;

/** A tenant's plugins in this process. */
export class Host {
  readonly #instances = new Map<number, Instance>();
  readonly #punt = new Punt();
  #control: Control | undefined;
  #current: Current | undefined;
  #plugins: readonly PluginToLoad[] = [];

  readonly #dispatch = new Dispatch(readBytes, this.#instances, (taker, work) => this.#run(taker, work));
  readonly #budgets = new Map<number, ErrorBudget>();

  /** @param puntFd of the packets' stream. */
  start(control: Control, puntFd: number): void {
    this.#control = control;
    this.#punt.open(puntFd, this.#dispatch, (error) => {
      // Plugins live on without packets; what was no record is a fault of this program, or of the switch.
      if (error) throw error;
    });
  }

  async obey(order: HostOrder): Promise<void> {
    switch (order.type) {
      case 'load':
        return this.#load(order);
      case 'beat':
        this.#send({ type: 'beat', tallies: Object.fromEntries(this.#each((one) => [one.name, one.tally()] as const)) });
        return;
      case 'event':
        this.#each((instance) => instance.hear(order.event));
        return;
      case 'request':
        return this.#answer(order);
      case 'stop':
        return this.#stop();
      case 'reply':
      case 'refusal':
        return;
    }
  }

  /** Something was thrown that nothing caught: of the plugin whose code ran last. */
  failed(error: unknown): void {
    const plugin = this.#plugins.find(({ index }) => index === this.#current?.index);
    // Of none: of this program, which cannot go on.
    if (!plugin) return end(error);
    this.#drop(plugin.index);
    this.#fail(plugin, error);
  }

  async #load({ tenant, plugins, topology, current }: Order<'load'>): Promise<void> {
    this.#plugins = plugins;
    this.#current = new Current(current);
    for (const plugin of plugins) {
      try {
        this.#current.is(plugin.index);
        const definition = await loadPlugin(plugin.file);
        const { version, description = '', headers, onFailure = 'withdraw' } = definition;
        this.#send({ type: 'loaded', plugin: plugin.name, version, description, headers: [...headers], onFailure });
        const options = optionsOf(definition, plugin.options);
        const store = readStore(plugin.store);
        const { name, index } = plugin;
        const instance = new Instance(definition, { tenant, name, index, options, topology, store }, this.#outsideOf(plugin));
        this.#instances.set(index, instance);
        this.#current.is(index);
        await instance.setup();
        this.#send({ type: 'ready', plugin: name });
      } catch (error) {
        this.#drop(plugin.index);
        this.#fail(plugin, error);
      }
    }
  }

  #outsideOf(plugin: PluginToLoad): Outside {
    const { name, index, store } = plugin;
    const log = new LogLimit((level, message, fields) =>
      this.#send({ type: 'log', plugin: name, level, message, ...(fields ? { fields } : {}) }),
    );
    const ask = (report: (id: number) => HostReport): Promise<unknown> => this.#ask(report);
    const failed = (error: unknown): void => this.#caught(plugin, error);
    return {
      writer: this.#punt.writer,
      wrote: () => this.#punt.wrote(),
      replaceRules: (set: HostRuleSet) => ask((id) => ({ type: 'rules', plugin: name, id, set })) as Promise<RuleResult>,
      ruleCounters: async () => {
        const counters = (await ask((id) => ({ type: 'counters', plugin: name, id }))) as { packets: string; bytes: string }[];
        return counters.map(({ packets, bytes }) => ({ packets: BigInt(packets), bytes: BigInt(bytes) }));
      },
      log: (level, message, fields) => log.line(level, message, fields),
      raise: (event, details) => this.#send({ type: 'raise', plugin: name, event, details }),
      clock: {
        now: () => performance.now(),
        after: (ms, work) => {
          const timer = setTimeout(work, ms);
          return () => clearTimeout(timer);
        },
      },
      save: (text) => writeStore(store, text),
      run: (work) => {
        this.#current?.is(index);
        try {
          return work();
        } catch (error) {
          failed(error);
          return undefined;
        }
      },
      failed,
    };
  }

  #run(instance: Instance, work: () => void): void {
    const plugin = this.#plugins.find(({ name }) => name === instance.name);
    if (!plugin) return;
    this.#current?.is(plugin.index);
    try {
      work();
    } catch (error) {
      this.#caught(plugin, error);
    }
  }

  /** A callback threw: some may. */
  #caught(plugin: PluginToLoad, error: unknown): void {
    const { name, index } = plugin;
    this.#instances.get(index)?.noteError();
    const budget = this.#budgets.get(index) ?? new ErrorBudget();
    this.#budgets.set(index, budget);
    if (budget.spend(performance.now())) {
      this.#drop(index);
      this.#fail(plugin, error);
    } else this.#send({ type: 'log', plugin: name, level: 'error', message: textOf(error) });
  }

  #fail({ name }: PluginToLoad, error: unknown): void {
    const isPlugins = error instanceof PluginError;
    const faults = isPlugins
      ? error.faults.slice(0, 32).map(({ pointer, message, remedy }) => ({
          pointer,
          message,
          ...(remedy === undefined ? {} : { remedy }),
        }))
      : [];
    const final = isPlugins && (error.code === 'PLUGIN_INVALID' || error.code === 'PLUGIN_HEADER');
    this.#send({ type: 'failed', plugin: name, final, message: textOf(error), faults });
  }

  /** It is no more: neither packets nor timers reach it. */
  #drop(index: number): void {
    const instance = this.#instances.get(index);
    this.#instances.delete(index);
    instance?.halt();
  }

  async #answer({ id, plugin, method, path, query, body }: Order<'request'>): Promise<void> {
    const instance = [...this.#instances.values()].find(({ name }) => name === plugin);
    try {
      if (!instance) throw new PluginError('NOT_FOUND', `there is no plugin ${plugin}`);
      const { status = 200, body: answer }: RouteAnswer = await instance.answer(method, { path, query, body });
      this.#send({ type: 'answer', id, status, ...(answer === undefined ? {} : { body: answer }) });
    } catch (error) {
      const status = error instanceof PluginError && error.code === 'NOT_FOUND' ? 404 : 500;
      this.#send({ type: 'answer', id, status, body: { error: textOf(error).split('\n', 1)[0] ?? '' } satisfies Json });
    }
  }

  async #stop(): Promise<void> {
    for (const instance of this.#instances.values()) {
      try {
        await instance.stop();
      } catch (error) {
        this.#send({ type: 'log', plugin: instance.name, level: 'error', message: textOf(error) });
      }
    }
    this.#send({ type: 'stopped' });
    await this.#control?.end();
    process.exit(0);
  }

  #each<T>(work: (instance: Instance) => T): T[] {
    return [...this.#instances.values()].map(work);
  }

  #send(report: HostReport): void {
    this.#control?.send(report);
  }

  async #ask(report: (id: number) => HostReport): Promise<unknown> {
    if (!this.#control) throw new PluginError('CLOSED', 'the host has no supervisor');
    return this.#control.ask(report);
  }
}

/** Bounded, as all that is sent. */
function textOf(error: unknown): string {
  const text =
    error instanceof PluginError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.slice(0, 4096);
}

function readStore(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Whole, or not at all: as a new file on the disk that takes the old one's place. */
async function writeStore(file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}

/** Its last line is what the supervisor tells. */
function end(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
