import { headerBytes, maxRecordBytes, paddedBytes, putHead } from './record.js';

/** Takes bytes that are its own from then on. */
export type ByteSink = (bytes: Uint8Array) => void;

const chunkBytes = 256 * 1024;

/** Collects records, and gives them away in pieces as large as can be. */
export class RecordWriter {
  readonly #sink: ByteSink;
  #chunk = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0));
  #from = 0;
  #at = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Copies the frame, which is `length` bytes of `bytes` from `from` on. */
  add(kind: number, worker: number, port: number, mark: number, bytes: Uint8Array, from: number, length: number): void {
    if (this.#chunk.length - this.#at < maxRecordBytes) this.#renew();
    const at = this.#at;
    putHead(this.#view, at, { length, kind, worker, port, handler: 0, mark });
    const chunk = this.#chunk;
    const start = at + headerBytes;
    if (length <= smallBytes) for (let i = 0; i < length; i++) chunk[start + i] = bytes[from + i] ?? 0;
    else chunk.set(bytes.subarray(from, from + length), start);
    this.#at = at + paddedBytes(length);
    chunk.fill(0, start + length, this.#at);
  }

  /** Gives away what was collected. */
  flush(): void {
    if (this.#at === this.#from) return;
    const full = this.#chunk.subarray(this.#from, this.#at);
    this.#from = this.#at;
    this.#sink(full);
  }

  #renew(): void {
    this.flush();
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
    this.#view = new DataView(this.#chunk.buffer, 0, chunkBytes);
    this.#from = 0;
    this.#at = 0;
  }
}

/** Up to here a loop is faster than making a view. */
const smallBytes = 128;
