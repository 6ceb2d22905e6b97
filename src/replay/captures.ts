import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { VswitchError } from '../model/errors.js';
import type { PortNumber } from '../model/ids.js';
import { pcapHeader, pcapRecord, type Captured } from './pcap.js';

/** Writes what each port sent to a capture of its name. */
export class CaptureDirectory {
  readonly #streams: ReadonlyMap<PortNumber, WriteStream>;
  readonly #ends: Promise<unknown>;
  #failed: Error | undefined;

  private constructor(streams: ReadonlyMap<PortNumber, WriteStream>) {
    this.#streams = streams;
    this.#ends = Promise.all([...streams.values()].map((stream) => finished(stream)));
    this.#ends.catch((error: unknown) => (this.#failed = error as Error));
  }

  /** Makes the directory where it is missing; captures in it are overwritten. @throws VswitchError CONFIG_UNREADABLE. */
  static async open(directory: string, ports: ReadonlyMap<PortNumber, string>): Promise<CaptureDirectory> {
    await mkdir(directory, { recursive: true }).catch((error: unknown) => {
      throw unwritable(directory, error);
    });
    const streams = [...ports].map(([port, name]) => [port, createWriteStream(join(directory, `${name}.pcap`))] as const);
    const captures = new CaptureDirectory(new Map(streams));
    for (const [, stream] of streams) await captures.#write(stream, pcapHeader());
    return captures;
  }

  async add(port: PortNumber, frame: Captured): Promise<void> {
    const stream = this.#streams.get(port);
    if (stream) await this.#write(stream, pcapRecord(frame));
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    for (const stream of this.#streams.values()) stream.end();
    await this.#ends.catch((error: unknown) => {
      throw unwritable('a capture', error);
    });
  }

  async #write(stream: WriteStream, bytes: Buffer): Promise<void> {
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), this.#ends]).catch((error: unknown) => error);
    if (this.#failed) throw unwritable('a capture', this.#failed);
  }
}

const unwritable = (what: string, error: unknown): VswitchError =>
  new VswitchError('CONFIG_UNREADABLE', `cannot write ${what}: ${error instanceof Error ? error.message : String(error)}`);
