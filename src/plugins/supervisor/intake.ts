import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { faultsUnlessRight } from '../../config/schema-faults.js';
import { FrameError, FrameReader } from '../wire/frames.js';
import { hostReportSchema, maxMessageBytes, type HostReport } from '../wire/messages.js';
import { Bucket } from './budgets.js';

const messagesPerSecond = 1000;
const bytesPerSecond = 4 * 1024 * 1024;

/** What a host sends, one after the other, as fast as is allowed and not faster: what comes beyond it waits on the host's side. */
export class Intake {
  readonly #stream: Readable;
  readonly #take: (report: HostReport) => Promise<void> | void;
  /** Since when it has been held back; undefined where it is not. */
  #heldSinceMs: number | undefined;

  constructor(stream: Readable, take: (report: HostReport) => Promise<void> | void) {
    this.#stream = stream;
    this.#take = take;
  }

  get isHeldBack(): boolean {
    return this.#heldSinceMs !== undefined;
  }

  /** Resolves at the stream's end. @throws FrameError for what is too long, or no message. */
  async run(): Promise<void> {
    const reader = new FrameReader(maxMessageBytes);
    const messages = new Bucket(messagesPerSecond, messagesPerSecond, performance.now());
    const bytes = new Bucket(bytesPerSecond, bytesPerSecond, performance.now());
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      const come = reader.accept(chunk);
      await this.hold(bytes.take(chunk.length, performance.now()));
      for (const { message } of come) {
        await this.hold(messages.take(1, performance.now()));
        const [fault] = faultsUnlessRight(hostReportSchema, message);
        if (fault) throw new FrameError(`a message with a fault at ${fault.pointer}: ${fault.message}`);
        await this.#take(message as HostReport);
      }
    }
  }

  /** Takes nothing for so long. */
  async hold(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.#heldSinceMs ??= performance.now();
    await sleep(ms);
    this.#heldSinceMs = undefined;
  }
}
