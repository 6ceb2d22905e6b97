const low64 = (1n << 64n) - 1n;

/** Little-endian numbers, one after the other, in a buffer that grows. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #size = 0;

  /** @param expected bytes: a buffer of that size need not grow. */
  constructor(expected = 64) {
    // Of Node's pool where it is small; every byte that counts is written.
    this.#bytes = Buffer.allocUnsafe(expected);
    this.#view = viewOf(this.#bytes);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** What was written, not a copy of it: the writer is done with. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Bytes as they are; returns where they begin. */
  append(bytes: Uint8Array): number {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return at;
  }

  /** Once more what was written from `from` to `end`. */
  repeat(from: number, end: number): void {
    const at = this.#take(end - from);
    this.#bytes.copyWithin(at, from, end);
  }

  /** Puts text's characters, each a byte, from `from` on over what was written: each at its place after `at`. */
  overlay(at: number, places: Uint16Array, text: string, from: number): void {
    const bytes = this.#bytes;
    for (let i = 0; i < places.length; i++) bytes[at + (places[i] ?? 0)] = text.charCodeAt(from + i);
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

  /** Six of them at once. */
  u32s(a: number, b: number, c: number, d: number, e: number, f: number): void {
    const at = this.#take(24);
    const view = this.#view;
    view.setUint32(at, a, true);
    view.setUint32(at + 4, b, true);
    view.setUint32(at + 8, c, true);
    view.setUint32(at + 12, d, true);
    view.setUint32(at + 16, e, true);
    view.setUint32(at + 20, f, true);
  }

  u64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
  }

  /** The low half first. */
  u128(value: bigint): void {
    const at = this.#take(16);
    const isShort = value <= low64;
    this.#view.setBigUint64(at, isShort ? value : value & low64, true);
    this.#view.setBigUint64(at + 8, isShort ? 0n : value >> 64n, true);
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
    const grown = Buffer.allocUnsafe(Math.max(this.#size, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView => new DataView(buffer, byteOffset, length);
