/** Amounts that are held, over time: amounts times seconds that only grow, by slot. What is found at a look was held since the look before. */
export class OverTime {
  readonly #amountMs = new Map<number, bigint>();
  #atMs: number;

  /** @param atMs of a clock that never goes back. */
  constructor(atMs: number) {
    this.#atMs = atMs;
  }

  look(atMs: number, amountBySlot: ReadonlyMap<number, number>): void {
    const elapsedMs = BigInt(Math.round(atMs - this.#atMs));
    this.#atMs += Number(elapsedMs);
    for (const [slot, amount] of amountBySlot)
      this.#amountMs.set(slot, (this.#amountMs.get(slot) ?? 0n) + BigInt(Math.round(amount)) * elapsedMs);
  }

  of(slot: number): bigint {
    return (this.#amountMs.get(slot) ?? 0n) / 1000n;
  }
}
