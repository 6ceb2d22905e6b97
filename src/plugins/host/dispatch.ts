import { handlerBits, maxHandlers } from '../band/host-rule.js';
import { RecordReader } from '../wire/reader.js';
import { Batch, type VerdictPort } from './batch.js';
import type { PacketHandler } from '../sdk/packets.js';

/** Of a plugin, what packets are handed to. */
export interface PacketTaker extends VerdictPort {
  handler(own: number): PacketHandler | undefined;
}

interface Waiting<Taker> {
  readonly batch: Batch;
  readonly taker: Taker;
  readonly handler: PacketHandler;
}

/** Hands the packets of each read to their handlers: of one handler, in their order. */
export class Dispatch<Taker extends PacketTaker> {
  readonly reader: RecordReader;
  readonly #takers: ReadonlyMap<number, Taker>;
  readonly #run: (taker: Taker, work: () => void) => void;
  readonly #waiting = new Map<number, Waiting<Taker>>();
  readonly #touched: Waiting<Taker>[] = [];
  /** Packets for handlers that there are not any more. */
  unknown = 0;

  /**
   * @param takers by index.
   * @param run runs a handler, and catches what it throws.
   */
  constructor(readBytes: number, takers: ReadonlyMap<number, Taker>, run: (taker: Taker, work: () => void) => void) {
    this.reader = new RecordReader(readBytes);
    this.#takers = takers;
    this.#run = run;
  }

  /** So many bytes came into the reader's target. @throws RangeError for what is no record. */
  accept(size: number): void {
    const { reader } = this;
    reader.accept(size, (at) => {
      const waiting = this.#for(reader.view.getUint32(at + 8, true));
      if (!waiting) {
        this.unknown++;
        return;
      }
      if (waiting.batch.size === 0) this.#touched.push(waiting);
      waiting.batch.add(at);
    });
    for (const { batch, taker, handler } of this.#touched) {
      this.#run(taker, () => handler(batch));
      batch.end();
    }
    this.#touched.length = 0;
    reader.keep(size);
  }

  #for(number: number): Waiting<Taker> | undefined {
    const found = this.#waiting.get(number);
    const taker = this.#takers.get(number >> handlerBits);
    if (found && found.taker === taker) return found;
    const handler = taker?.handler(number & (maxHandlers - 1));
    if (!taker || !handler) return undefined;
    const waiting = { batch: new Batch(this.reader, taker), taker, handler };
    this.#waiting.set(number, waiting);
    return waiting;
  }
}
