/** What the plugins of a tenant may use, all together. */
export interface HostBudgets {
  /** Resident memory of their process. */
  readonly memoryMib: number;
  /** Of a core; over it the process is stopped until it is within it again. */
  readonly cpuPercent: number;
  /** Of each worker; 0: as many as there are. */
  readonly puntPacketsPerSecond: number;
  readonly puntQueueBytes: number;
  /** A process that runs for so long without a sign of life is ended. */
  readonly heartbeatMs: number;
  /** A plugin that fails so often within the window is not started again. */
  readonly maxFailures: number;
  readonly failureWindowS: number;
  readonly nice: number;
}

export const defaultBudgets: HostBudgets = {
  memoryMib: 256,
  cpuPercent: 100,
  puntPacketsPerSecond: 0,
  puntQueueBytes: 1024 * 1024,
  heartbeatMs: 3000,
  maxFailures: 5,
  failureWindowS: 300,
  nice: 5,
};

/** Refills with time, up to what it may hold; may be overdrawn, and then says how long it takes to be even. */
export class Bucket {
  readonly #perMs: number;
  readonly #most: number;
  #level: number;
  #atMs: number;

  constructor(perSecond: number, most: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#most = most;
    this.#level = most;
    this.#atMs = nowMs;
  }

  /** @returns milliseconds until it is even; 0 where it is. */
  take(amount: number, nowMs: number): number {
    this.#level = Math.min(this.#most, this.#level + (nowMs - this.#atMs) * this.#perMs) - amount;
    this.#atMs = nowMs;
    return this.#level >= 0 ? 0 : -this.#level / this.#perMs;
  }
}
