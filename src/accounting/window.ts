import type { Clock } from './clock.js';

/** Counters that only grow, as they were read at a moment. */
export interface Reading {
  /** Milliseconds of a clock that never goes back. */
  readonly atMs: number;
}

export interface WindowDeps<T extends Reading> {
  read(): T;
  readonly clock: Clock;
  readonly intervalMs: number;
}

/**
 * Reads at an interval. Rates are over the time since the last reading that is at least half an interval old, so that they neither
 * jump nor lag however often somebody asks.
 */
export class Window<T extends Reading> {
  readonly #deps: WindowDeps<T>;
  #last: T;
  #beforeLast: T;
  #stop: (() => void) | undefined;

  constructor(deps: WindowDeps<T>) {
    this.#deps = deps;
    this.#last = this.#beforeLast = deps.read();
  }

  start(): void {
    const { clock, intervalMs, read } = this.#deps;
    this.#stop ??= clock.every(intervalMs, () => {
      this.#beforeLast = this.#last;
      this.#last = read();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** As it is now, and as it was when the time began that rates are over. */
  look(): { readonly before: T; readonly now: T } {
    const now = this.#deps.read();
    const recent = now.atMs - this.#last.atMs < this.#deps.intervalMs / 2;
    return { before: recent ? this.#beforeLast : this.#last, now };
  }
}
