/** Memory that is held, over time: byte-seconds that only grow, by slot. What is found at a look was held since the look before. */
export class ByteSeconds {
  readonly #byteMs = new Map<number, bigint>();
  #atMs: number;

  /** @param atMs of a clock that never goes back. */
  constructor(atMs: number) {
    this.#atMs = atMs;
  }

  look(atMs: number, bytesBySlot: ReadonlyMap<number, number>): void {
    const elapsedMs = BigInt(Math.round(atMs - this.#atMs));
    this.#atMs += Number(elapsedMs);
    for (const [slot, bytes] of bytesBySlot)
      this.#byteMs.set(slot, (this.#byteMs.get(slot) ?? 0n) + BigInt(Math.round(bytes)) * elapsedMs);
  }

  of(slot: number): bigint {
    return (this.#byteMs.get(slot) ?? 0n) / 1000n;
  }
}
