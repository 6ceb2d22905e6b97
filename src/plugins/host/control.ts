import { Socket } from 'node:net';
import { PluginError } from '../sdk/errors.js';
import { FrameReader, frameOf } from '../wire/frames.js';
import { maxMessageBytes, type HostOrder, type HostReport } from '../wire/messages.js';

/** Orders are those of the supervisor, which may send all of a tenant's topology. */
const maxOrderBytes = 64 * 1024 * 1024;

/** The host's end of the stream to its supervisor. */
export class Control {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: PluginError): void }>();
  #next = 1;

  /** @param order hears of each but replies. @param ended is called when the supervisor is gone. */
  constructor(fd: number, order: (order: HostOrder) => void, ended: () => void) {
    const reader = new FrameReader(maxOrderBytes);
    this.#socket = new Socket({ fd });
    this.#socket.on('data', (chunk) => {
      for (const { message } of reader.accept(chunk)) this.#accept(message as HostOrder, order);
    });
    this.#socket.on('error', ended);
    this.#socket.on('end', ended);
  }

  /** @throws PluginError LIMIT_EXCEEDED for what is longer than a message may be. */
  send(report: HostReport): void {
    const frame = frameOf(report);
    if (frame.length - 4 > maxMessageBytes)
      throw new PluginError(
        'LIMIT_EXCEEDED',
        `${frame.length - 4} bytes are sent in one message, where ${maxMessageBytes} are allowed`,
      );
    this.#socket.write(frame);
  }

  /** Sends what `report` makes of the number of the answer, and waits for it. @throws PluginError */
  ask(report: (id: number) => HostReport): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.send(report(id));
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Resolves when all is written. */
  end(): Promise<void> {
    return new Promise((resolve) => void this.#socket.end(() => resolve()));
  }

  #accept(message: HostOrder, order: (order: HostOrder) => void): void {
    if (message.type !== 'reply' && message.type !== 'refusal') {
      order(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'reply') waiting?.resolve(message.value);
    else waiting?.reject(new PluginError(message.code, message.message, message.faults));
  }
}
