import type { Tariff } from '../model/tariff.js';
import type { CounterSnapshot, UpkeepCounters } from '../model/usage.js';
import { systemClock, type Clock } from './clock.js';
import { reportOf, type Names, type UsageReport } from './report.js';
import { Window } from './window.js';

export interface SamplerDeps {
  /** The data plane's. */
  snapshot(): CounterSnapshot;
  names(): Names;
  /** What a slot uses beside. */
  upkeepOf(slot: number): UpkeepCounters;
  /** The tariff of a tenant at a moment; undefined: it is not billed. */
  tariffAt(tenant: string, atMs: number): Tariff | undefined;
  readonly clock?: Clock;
  readonly intervalMs?: number;
}

export const defaultIntervalMs = 1000;

/** A report shows the totals of the moment, and rates over the last interval. */
export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #clock: Clock;
  readonly #window: Window<CounterSnapshot>;

  constructor(deps: SamplerDeps) {
    const { clock = systemClock, intervalMs = defaultIntervalMs } = deps;
    this.#deps = deps;
    this.#clock = clock;
    this.#window = new Window({ read: () => deps.snapshot(), clock, intervalMs });
  }

  start(): void {
    this.#window.start();
  }

  stop(): void {
    this.#window.stop();
  }

  report(): UsageReport {
    const { before, now } = this.#window.look();
    const at = this.#clock.now();
    const tariffOf = (tenant: string) => this.#deps.tariffAt(tenant, at.getTime());
    return reportOf({ before, now, at, names: this.#deps.names(), tariffOf, upkeepOf: (slot) => this.#deps.upkeepOf(slot) });
  }
}
