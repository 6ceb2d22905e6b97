import type { Tariff } from '../model/tariff.js';
import type { CounterSnapshot } from '../model/usage.js';
import { reportOf, type Names, type UsageReport } from './report.js';

/** Time, so that tests have theirs. */
export interface Clock {
  now(): Date;
  /** Calls `work` every `intervalMs`; returns how to stop it. */
  every(intervalMs: number, work: () => void): () => void;
}

/** The process's clock; its timer does not keep the process running. */
export const systemClock: Clock = {
  now: () => new Date(),
  every: (intervalMs, work) => {
    const timer = setInterval(work, intervalMs).unref();
    return () => clearInterval(timer);
  },
};

export interface SamplerDeps {
  /** The data plane's. */
  snapshot(): CounterSnapshot;
  names(): Names;
  /** Undefined: nothing is billed. */
  readonly tariff: Tariff | undefined;
  readonly clock?: Clock;
  readonly intervalMs?: number;
}

export const defaultIntervalMs = 1000;

/**
 * Reads the counters at an interval. A report shows the totals of the moment, and rates since the last sample that is at least half an
 * interval old, so that they neither jump nor lag however often somebody asks.
 */
export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #last: CounterSnapshot;
  #beforeLast: CounterSnapshot;
  #stop: (() => void) | undefined;

  constructor(deps: SamplerDeps) {
    const { clock = systemClock, intervalMs = defaultIntervalMs } = deps;
    this.#deps = deps;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#last = this.#beforeLast = deps.snapshot();
  }

  start(): void {
    this.#stop ??= this.#clock.every(this.#intervalMs, () => this.sample());
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  sample(): void {
    this.#beforeLast = this.#last;
    this.#last = this.#deps.snapshot();
  }

  report(): UsageReport {
    const now = this.#deps.snapshot();
    const recent = now.atMs - this.#last.atMs < this.#intervalMs / 2;
    return reportOf(recent ? this.#beforeLast : this.#last, now, this.#deps.names(), this.#deps.tariff, this.#clock.now());
  }
}
