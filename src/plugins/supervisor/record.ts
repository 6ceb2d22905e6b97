import type { PluginState } from '../../model/plugin.js';
import type { OnFailure } from '../sdk/define.js';
import type { PluginHeader } from '../sdk/headers.js';
import type { LogLevel, PluginTally } from '../wire/messages.js';

/** A plugin as the config has it. */
export interface PluginSpec {
  readonly name: string;
  /** 0 to 15, in the order of the config. */
  readonly index: number;
  readonly file: string;
  /** Why there is no such file. */
  readonly fault?: string | undefined;
  readonly options: unknown;
  readonly enabled: boolean;
  /** Undefined: as the plugin itself says. */
  readonly onFailure: OnFailure | undefined;
}

export interface LogLine {
  readonly at: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** What the plugin's module says of itself. */
export interface PluginFacts {
  readonly version: string;
  readonly description: string;
  readonly headers: readonly PluginHeader[];
  readonly onFailure: OnFailure;
}

export type Counts = Omit<PluginTally, 'metrics'>;

const zero: Counts = { handled: 0, forwarded: 0, output: 0, dropped: 0, consumed: 0, emitted: 0, errors: 0 };
const maxLines = 500;

/** What is known of a plugin, over all processes that it ran in. */
export class PluginRecord {
  readonly spec: PluginSpec;
  state: PluginState;
  facts: PluginFacts | undefined;
  /** Why it does not run, or last failed. */
  reason: string | undefined;
  /** Processes that were started because it failed. */
  restarts = 0;
  dueAtMs = 0;
  metrics: PluginTally['metrics'] = [];
  readonly lines: LogLine[] = [];
  #failures: number[] = [];
  #before: Counts = zero;
  #now: Counts = zero;

  constructor(spec: PluginSpec) {
    this.spec = spec;
    this.state = spec.enabled ? 'starting' : 'disabled';
  }

  get onFailure(): OnFailure {
    return this.spec.onFailure ?? this.facts?.onFailure ?? 'withdraw';
  }

  /** Whether its process is to have it. */
  get isWanted(): boolean {
    return this.state === 'starting' || this.state === 'running';
  }

  get counts(): Counts {
    return sum(this.#before, this.#now);
  }

  tell(tally: PluginTally): void {
    const { metrics, ...counts } = tally;
    this.metrics = metrics;
    this.#now = counts;
  }

  /** Its process ended: the next one counts anew. */
  settle(): void {
    this.#before = this.counts;
    this.#now = zero;
  }

  /** @returns how often it failed within the window, this time included. */
  fail(nowMs: number, windowMs: number): number {
    this.#failures = [...this.#failures.filter((atMs) => atMs > nowMs - windowMs), nowMs];
    return this.#failures.length;
  }

  /** Somebody says that it is to be tried as if it had never failed. */
  forgive(): void {
    this.#failures = [];
    this.reason = undefined;
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.lines.push({ at: new Date(), level, message, fields });
    if (this.lines.length > maxLines) this.lines.shift();
  }
}

const sum = (a: Counts, b: Counts): Counts => ({
  handled: a.handled + b.handled,
  forwarded: a.forwarded + b.forwarded,
  output: a.output + b.output,
  dropped: a.dropped + b.dropped,
  consumed: a.consumed + b.consumed,
  emitted: a.emitted + b.emitted,
  errors: a.errors + b.errors,
});
