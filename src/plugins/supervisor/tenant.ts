import type { PluginState } from '../../model/plugin.js';
import type { TenantName } from '../../model/ids.js';
import { VswitchError } from '../../model/errors.js';
import { BackOff } from '../../process/back-off.js';
import type { PluginEvent } from '../sdk/events.js';
import { failureWords, type HostReport } from '../wire/messages.js';
import { HostProcess } from './host-process.js';
import { PluginRecord, type PluginSpec } from './record.js';
import type { PuntTotals, PuntWay, TenantDeps } from './deps.js';
import { Requests, type PluginAnswer, type PluginRequest } from './requests.js';
import { RuleDesk } from './rule-desk.js';

const maxStateBytes = 64 * 2 ** 20;

/** The plugins of a tenant and the process that they run in: started, watched, started again where it fails, and ended. */
export class TenantPlugins {
  readonly records: readonly PluginRecord[];
  readonly #deps: TenantDeps;
  readonly #desk: RuleDesk;
  readonly #requests = new Requests();
  readonly #backOffs = new Map<PluginRecord, BackOff>();
  #host: HostProcess | undefined;
  #punt: PuntWay | undefined;
  #startedAtMs = 0;
  #endedCpuMs = 0;
  #last: Promise<unknown> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(specs: readonly PluginSpec[], deps: TenantDeps) {
    this.records = specs.map((spec) => new PluginRecord(spec));
    this.#deps = deps;
    this.#desk = new RuleDesk(deps.flows, deps.tenant);
  }

  get tenant(): TenantName {
    return this.#deps.tenant;
  }

  /** Undefined where no process runs. */
  get pid(): number | undefined {
    return this.#host?.pid;
  }

  /** Of all its processes; the memory of the one that runs. */
  get usage(): { readonly cpuMs: number; readonly residentBytes: number; readonly throttledMs: number } {
    const now = this.#host?.usage ?? { cpuMs: 0, residentBytes: 0, throttledMs: 0 };
    return { ...now, cpuMs: this.#endedCpuMs + now.cpuMs };
  }

  /** Since the switch started; undefined where there was no way for packets yet. */
  get punt(): PuntTotals | undefined {
    return this.#punt?.counters();
  }

  rules({ spec }: PluginRecord): number {
    return this.#desk.count(spec.name);
  }

  start(): Promise<void> {
    return this.#queue(() => this.#restart());
  }

  /** Loads its module anew, with what is in its store. @throws VswitchError PLUGIN_STOPPED where it is disabled */
  reload(record: PluginRecord): Promise<void> {
    return this.#queue(async () => {
      if (record.state === 'disabled') throw new VswitchError('PLUGIN_STOPPED', `plugin ${record.spec.name} is disabled`);
      record.forgive();
      this.#become(record, 'starting');
      await this.#restart();
    });
  }

  setEnabled(record: PluginRecord, enabled: boolean): Promise<void> {
    return this.#queue(async () => {
      if (enabled === (record.state !== 'disabled') && record.state !== 'failed') return;
      record.forgive();
      this.#become(record, enabled ? 'starting' : 'disabled');
      await this.#restart();
      if (!enabled) await this.#desk.withdraw(record);
    });
  }

  /** @throws VswitchError PLUGIN_STOPPED, PLUGIN_FAILED */
  request(record: PluginRecord, request: PluginRequest): Promise<PluginAnswer> {
    const host = this.#host;
    if (record.state !== 'running' || !host)
      throw new VswitchError('PLUGIN_STOPPED', `plugin ${record.spec.name} does not run: it is ${record.state}`);
    return this.#requests.ask((id) => host.send({ type: 'request', id, plugin: record.spec.name, ...request }));
  }

  /** Its plugins may keep so much on the disk, and not more. */
  async checkDisk(): Promise<void> {
    const bytes = await this.#deps.state.bytes();
    if (bytes > maxStateBytes) this.#host?.kill(`kept ${Math.ceil(bytes / 2 ** 20)} MiB on the disk`);
  }

  hear(event: PluginEvent): void {
    this.#host?.send({ type: 'event', event });
  }

  /** Ends the process; rules stay, as the switch ends. */
  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    return this.#queue(() => this.#end());
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** A new process with the plugins that are wanted; those whose time to be tried again has come are. */
  async #restart(): Promise<void> {
    await this.#end();
    if (this.#isClosed) return;
    const now = performance.now();
    for (const record of this.records)
      if (record.state === 'waiting' && record.dueAtMs <= now) {
        record.restarts++;
        this.#become(record, 'starting');
      }
    for (const record of this.records)
      if (record.spec.fault !== undefined && record.isWanted) await this.#fail(record, record.spec.fault, true);
    this.#plan();
    const wanted = this.records.filter((record) => record.isWanted);
    if (wanted.length === 0) return;
    for (const record of wanted) this.#become(record, 'starting');
    try {
      await this.#spawn(wanted);
    } catch (error) {
      await this.#closePunt();
      for (const record of wanted) await this.#fail(record, error instanceof Error ? error.message : String(error), false);
      this.#plan();
    }
  }

  async #spawn(wanted: readonly PluginRecord[]): Promise<void> {
    const { tenant, budgets, state, command, openPunt, topology, log } = this.#deps;
    await state.prepare(wanted.map(({ spec }) => spec.name));
    const punt = await openPunt();
    this.#punt = punt;
    const host: HostProcess = new HostProcess({
      command: command(),
      puntFd: punt.fd,
      budgets,
      report: (report) => (this.#host === host ? this.#take(host, report) : undefined),
      printed: (line) => log('info', undefined, line),
      ended: (reason, asked) => {
        if (!asked) void this.#queue(() => this.#lost(host, reason));
      },
    });
    punt.handedOver();
    this.#host = host;
    this.#startedAtMs = performance.now();
    const plugins = wanted.map(({ spec: { name, index, file, options } }) => ({
      name,
      index,
      file,
      options,
      store: state.store(name),
    }));
    host.send({ type: 'load', tenant, plugins, topology: topology(), current: state.current });
  }

  async #end(): Promise<void> {
    const host = this.#host;
    if (host) {
      await host.stop();
      this.#settle(host);
    }
    await this.#closePunt();
  }

  #settle(host: HostProcess): void {
    this.#endedCpuMs += host.usage.cpuMs;
    this.#host = undefined;
    this.#requests.failAll('its process ended');
    for (const record of this.records) record.settle();
  }

  async #closePunt(): Promise<void> {
    await this.#punt?.close();
    this.#punt = undefined;
  }

  /** The process ended by itself, or had to be ended: by the plugin whose code ran last, as far as that is known. */
  async #lost(host: HostProcess, reason: string): Promise<void> {
    if (this.#host !== host) return;
    this.#settle(host);
    await this.#closePunt();
    const loaded = this.records.filter((record) => record.isWanted);
    const index = await this.#deps.state.whoRan();
    const guilty = loaded.filter(({ spec }) => spec.index === index);
    for (const record of guilty.length > 0 ? guilty : loaded) await this.#fail(record, reason, false);
    await this.#restart();
  }

  async #take(host: HostProcess, report: HostReport): Promise<void> {
    if (report.type === 'beat') {
      for (const record of this.records) {
        const tally = report.tallies[record.spec.name];
        if (tally) record.tell(tally);
      }
    } else if (report.type === 'answer') {
      this.#requests.answer(report);
    } else if (report.type !== 'stopped') {
      const record = this.records.find(({ spec }) => spec.name === report.plugin);
      if (record?.isWanted) await this.#takeOf(record, host, report);
    }
  }

  async #takeOf(record: PluginRecord, host: HostProcess, report: Extract<HostReport, { plugin: string }>): Promise<void> {
    switch (report.type) {
      case 'loaded':
        record.facts = report;
        break;
      case 'ready':
        this.#become(record, 'running');
        break;
      case 'failed':
        record.log('error', report.message, report.faults.length > 0 ? { faults: report.faults } : undefined);
        await this.#fail(record, failureWords(report), report.final);
        this.#plan();
        break;
      case 'rules':
        await host.hold(this.#desk.waitMs(report.set));
        if (this.#host === host) host.send(await this.#desk.replace(record, report.id, report.set));
        break;
      case 'counters':
        host.send(this.#desk.counters(record, report.id));
        break;
      case 'log':
        record.log(report.level, report.message, report.fields);
        if (report.level !== 'debug') this.#deps.log(report.level, record.spec.name, report.message);
        break;
      case 'raise': {
        const { event, details } = report;
        this.#deps.publish({ type: 'plugin_event', tenant: this.tenant, plugin: record.spec.name, event, details });
        break;
      }
    }
  }

  async #fail(record: PluginRecord, reason: string, final: boolean): Promise<void> {
    const { budgets, log } = this.#deps;
    const now = performance.now();
    const failures = record.fail(now, budgets.failureWindowS * 1000);
    const isEnd = final || failures >= budgets.maxFailures;
    const backOff = this.#backOffs.get(record) ?? new BackOff();
    this.#backOffs.set(record, backOff);
    record.dueAtMs = now + backOff.after(now - this.#startedAtMs);
    record.reason = !final && isEnd ? `${reason}; it failed ${failures} times in ${budgets.failureWindowS} s` : reason;
    record.log('error', record.reason);
    log(isEnd ? 'error' : 'warn', record.spec.name, record.reason);
    this.#become(record, isEnd ? 'failed' : 'waiting');
    if (record.onFailure === 'withdraw') await this.#desk.withdraw(record);
  }

  /** Starts anew when the first that waits is due. */
  #plan(): void {
    clearTimeout(this.#again);
    const waiting = this.records.filter(({ state }) => state === 'waiting').map(({ dueAtMs }) => dueAtMs);
    if (waiting.length === 0 || this.#isClosed) return;
    this.#again = setTimeout(
      () => void this.#queue(() => this.#restart()),
      Math.max(1, Math.min(...waiting) - performance.now()),
    );
  }

  #become(record: PluginRecord, state: PluginState): void {
    if (record.state === state) return;
    record.state = state;
    if (state === 'running') record.reason = undefined;
    this.#deps.publish({
      type: 'plugin_state',
      tenant: this.tenant,
      plugin: record.spec.name,
      state,
      reason: record.reason ?? null,
    });
  }
}
