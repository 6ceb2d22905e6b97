const low64 = (1n << 64n) - 1n;

/** Little-endian numbers, one after the other, in a buffer that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
  }

  /** The low half first. */
  u128(value: bigint): void {
    this.u64(value & low64);
    this.u64(value >> 64n);
  }

  /** As it lies in a packet: the high byte first. */
  network(value: bigint, bytes: number): void {
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) this.u8(Number((value >> BigInt(shift)) & 0xffn));
  }

  zeros(bytes: number): void {
    const at = this.#take(bytes);
    this.#bytes.fill(0, at, this.#size);
  }

  /** Zeros until the bytes since `from` are a multiple. */
  align(from: number, multiple: number): void {
    this.zeros((multiple - ((this.#size - from) % multiple)) % multiple);
  }

  /** A place for a number that is known only later. */
  reserveU32(): number {
    return this.#take(4);
  }

  fillU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Where so many bytes go. The buffer may be another one afterwards. */
  #take(bytes: number): number {
    const at = this.#size;
    this.#size += bytes;
    if (this.#size > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#size, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
