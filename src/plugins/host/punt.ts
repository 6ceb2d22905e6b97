import { Socket, type SocketConstructorOpts } from 'node:net';
import { RecordWriter } from '../wire/writer.js';
import type { RecordReader } from '../wire/reader.js';

export const readBytes = 256 * 1024;
/** What the switch does not take is lost beyond this: plugins may emit as much as they like. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** The host's end of the packets' stream. While the switch does not take verdicts, nothing more is read. */
export class Punt {
  readonly writer: RecordWriter;
  #socket: Socket | undefined;
  #isFlushing = false;
  /** Records' bytes that were lost. */
  lostBytes = 0;

  constructor() {
    this.writer = new RecordWriter((bytes) => this.#write(bytes));
  }

  /** @param ended hears that the switch closed the stream, or of what was no record. */
  open(
    fd: number,
    dispatch: { readonly reader: RecordReader; accept(size: number): void },
    ended: (error?: Error) => void,
  ): void {
    const accept = (size: number): boolean => {
      try {
        dispatch.accept(size);
      } catch (error) {
        ended(error instanceof Error ? error : new Error(String(error)));
        return false;
      }
      this.writer.flush();
      return !socket.writableNeedDrain;
    };
    const socket = new Socket({ fd, onread: { buffer: dispatch.reader.target, callback: accept } } as SocketConstructorOpts);
    socket.on('drain', () => socket.resume());
    socket.on('error', ended);
    socket.on('end', () => ended());
    this.#socket = socket;
  }

  /** What was written outside a handler goes out when the code that wrote it is done. */
  wrote(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.writer.flush();
    });
  }

  #write(bytes: Uint8Array): void {
    if (!this.#socket || this.#socket.writableLength > maxWaitingBytes) this.lostBytes += bytes.length;
    else this.#socket.write(bytes);
  }
}
