import type { FieldName } from '../model/match.js';

/** A packet and what was found in it; what lies behind its end is not there. */
export class View {
  readonly fields = new Map<FieldName, bigint>();
  readonly #bytes: Buffer;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
  }

  /** Where IP says that its packet ends: behind it is padding. */
  endAt(end: number): void {
    this.#end = Math.min(this.#end, end);
  }

  has(at: number, count: number): boolean {
    return at + count <= this.#end;
  }

  /** Up to six bytes, big endian. */
  number(at: number, count: number): number {
    return this.#bytes.readUIntBE(at, count);
  }

  set(field: FieldName, at: number, count: number): void {
    this.fields.set(field, BigInt(`0x${this.#bytes.toString('hex', at, at + count)}`));
  }

  put(field: FieldName, value: number): void {
    this.fields.set(field, BigInt(value));
  }
}
