import type { HeldPacket, Packet, PacketBatch } from '../sdk/packets.js';
import { headerBytes, isFrame, maxFrameBytes, minFrameBytes, output, resume } from '../wire/record.js';
import type { RecordReader } from '../wire/reader.js';
import type { RecordWriter } from '../wire/writer.js';

/** Packets by what became of them. */
export interface VerdictCounts {
  handled: number;
  forwarded: number;
  output: number;
  dropped: number;
  consumed: number;
}

export const noVerdicts = (): VerdictCounts => ({ handled: 0, forwarded: 0, output: 0, dropped: 0, consumed: 0 });

/** Where verdicts go. */
export interface VerdictPort {
  readonly writer: RecordWriter;
  readonly counts: VerdictCounts;
  /** Bits of the packet's mark which say that the plugin, and those before it, are done with it. */
  readonly doneBits: number;
  /** Something was written outside a handler. */
  wrote(): void;
}

/** @throws RangeError where no frame can have this many bytes. */
export function checkFrame(length: number): void {
  if (!isFrame(length)) throw new RangeError(`a frame has ${minFrameBytes} to ${maxFrameBytes} bytes, not ${length}`);
}

/** Packets of one handler that came in one read: places in the reader's buffer, shown through one object. */
export class Batch implements PacketBatch {
  readonly #places: number[] = [];
  readonly #packet: PacketView;
  readonly #counts: VerdictCounts;

  constructor(reader: RecordReader, port: VerdictPort) {
    this.#packet = new PacketView(reader, port);
    this.#counts = port.counts;
  }

  get size(): number {
    return this.#places.length;
  }

  add(at: number): void {
    this.#places.push(at);
  }

  [Symbol.iterator](): Iterator<Packet> {
    const packet = this.#packet;
    const places = this.#places;
    let i = 0;
    return {
      next(): IteratorResult<Packet> {
        const at = places[i];
        if (at === undefined) return { done: true, value: undefined };
        packet.show(at, i++);
        return { done: false, value: packet };
      },
    };
  }

  /** The handler returned, or threw: what has no verdict is dropped. */
  end(): void {
    this.#counts.handled += this.#places.length;
    this.#counts.dropped += this.#places.length - this.#packet.settled;
    this.#packet.forget();
    this.#places.length = 0;
  }
}

/** The record that it was told to show. */
class PacketView implements Packet {
  readonly #reader: RecordReader;
  readonly #to: VerdictPort;
  /** Of the packets of this batch, which have a verdict. */
  readonly #done: boolean[] = [];
  #at = 0;
  #index = 0;
  settled = 0;

  constructor(reader: RecordReader, to: VerdictPort) {
    this.#reader = reader;
    this.#to = to;
  }

  show(at: number, index: number): void {
    this.#at = at;
    this.#index = index;
  }

  forget(): void {
    this.#done.length = 0;
    this.settled = 0;
  }

  get length(): number {
    return this.#reader.view.getUint32(this.#at, true);
  }

  get port(): number {
    return this.#reader.view.getUint16(this.#at + 6, true);
  }

  get mark(): number {
    return this.#reader.view.getUint32(this.#at + 12, true);
  }

  get bytes(): Uint8Array {
    const from = this.#at + headerBytes;
    return this.#reader.bytes.subarray(from, from + this.length);
  }

  forward(): void {
    if (this.#settle()) this.#resume(this.#reader.bytes, this.#at + headerBytes, this.length);
  }

  rewrite(frame: Uint8Array): void {
    checkFrame(frame.length);
    if (this.#settle()) this.#resume(frame, 0, frame.length);
  }

  output(port: number): void {
    if (!this.#settle()) return;
    this.#to.counts.output++;
    this.#to.writer.add(output, this.#worker, port, 0, this.#reader.bytes, this.#at + headerBytes, this.length);
  }

  drop(): void {
    if (this.#settle()) this.#to.counts.dropped++;
  }

  consume(): void {
    if (this.#settle()) this.#to.counts.consumed++;
  }

  hold(): HeldPacket {
    this.consume();
    return new Held(this.port, this.mark, this.#worker, Uint8Array.from(this.bytes), this.#to);
  }

  get #worker(): number {
    return this.#reader.view.getUint8(this.#at + 5);
  }

  #resume(bytes: Uint8Array, from: number, length: number): void {
    this.#to.counts.forwarded++;
    const mark = (this.mark | this.#to.doneBits) >>> 0;
    this.#to.writer.add(resume, this.#worker, this.port, mark, bytes, from, length);
  }

  /** Whether this is its first verdict. */
  #settle(): boolean {
    if (this.#done[this.#index] === true) return false;
    this.#done[this.#index] = true;
    this.settled++;
    return true;
  }
}

class Held implements HeldPacket {
  readonly port: number;
  readonly mark: number;
  readonly bytes: Uint8Array;
  readonly #worker: number;
  readonly #to: VerdictPort;
  #done = false;

  constructor(port: number, mark: number, worker: number, bytes: Uint8Array, to: VerdictPort) {
    this.port = port;
    this.mark = mark;
    this.bytes = bytes;
    this.#worker = worker;
    this.#to = to;
  }

  forward(): void {
    this.rewrite(this.bytes);
  }

  rewrite(frame: Uint8Array): void {
    checkFrame(frame.length);
    if (this.#done) return;
    this.#to.counts.forwarded++;
    this.#send(resume, this.port, (this.mark | this.#to.doneBits) >>> 0, frame);
  }

  output(port: number): void {
    if (this.#done) return;
    this.#to.counts.output++;
    this.#send(output, port, 0, this.bytes);
  }

  drop(): void {
    this.#done = true;
  }

  #send(kind: number, port: number, mark: number, frame: Uint8Array): void {
    this.#done = true;
    this.#to.writer.add(kind, this.#worker, port, mark, frame, 0, frame.length);
    this.#to.wrote();
  }
}
