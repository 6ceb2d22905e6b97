import type { PluginTimers } from '../sdk/context.js';
import type { Outside } from './outside.js';

export const maxTimers = 4096;

/** A plugin's timers, which end with it. What is repeated is never done twice at once. */
export class Timers implements PluginTimers {
  readonly #outside: Pick<Outside, 'clock' | 'run' | 'failed'>;
  readonly #running = new Set<() => void>();
  /** What ends the wait of each. */
  readonly #pending = new Map<() => void, () => void>();

  constructor(outside: Pick<Outside, 'clock' | 'run' | 'failed'>) {
    this.#outside = outside;
  }

  now(): number {
    return this.#outside.clock.now();
  }

  after(ms: number, work: () => void | Promise<void>): () => void {
    return this.#start((end) => this.#wait(ms, () => this.#do(work, end), end));
  }

  every(ms: number, work: () => void | Promise<void>): () => void {
    return this.#start((end) => {
      const next = (): void => this.#wait(ms, () => this.#do(work, () => this.#running.has(end) && next()), end);
      next();
    });
  }

  /** All of them. */
  end(): void {
    for (const end of [...this.#running]) end();
  }

  #start(begin: (end: () => void) => void): () => void {
    if (this.#running.size >= maxTimers) throw new RangeError(`a plugin has at most ${maxTimers} timers`);
    const end = (): void => {
      this.#running.delete(end);
      this.#pending.get(end)?.();
      this.#pending.delete(end);
    };
    this.#running.add(end);
    begin(end);
    return end;
  }

  #wait(ms: number, work: () => void, end: () => void): void {
    this.#pending.set(end, this.#outside.clock.after(Math.max(1, ms), work));
  }

  #do(work: () => void | Promise<void>, then: () => void): void {
    const result = this.#outside.run(work);
    if (result instanceof Promise) result.catch((error: unknown) => this.#outside.failed(error)).finally(then);
    else then();
  }
}
