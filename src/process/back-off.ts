const firstMs = 100;
const longestMs = 30_000;
/** Who ran for so long is not in a loop of failures. */
const soundMs = 10_000;

/** How long to wait before a process that ended is started again: longer each time, unless it ran for a while. */
export class BackOff {
  #nextMs = firstMs;

  /** @param ranMs since it was started. */
  after(ranMs: number): number {
    if (ranMs >= soundMs) this.#nextMs = firstMs;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, longestMs);
    return waitMs;
  }
}
