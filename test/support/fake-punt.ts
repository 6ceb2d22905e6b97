import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PuntTotals, PuntWay } from '../../src/plugins/supervisor/deps.js';
import { recordOf, recordsIn, type PuntedRecord } from './punted.js';

const none: PuntTotals = { punted: 0n, puntedBytes: 0n, resumed: 0n, output: 0n, refused: 0n };

/** A way of packets with a real stream socket; the test is the data plane. */
export class FakePunt implements PuntWay {
  readonly #plugins: Socket;
  readonly #data: Socket;
  #received = Buffer.alloc(0);
  isClosed = false;

  private constructor(plugins: Socket, data: Socket) {
    this.#plugins = plugins;
    this.#data = data;
    data.on('data', (chunk) => (this.#received = Buffer.concat([this.#received, chunk])));
    data.on('error', () => undefined);
  }

  static async open(): Promise<FakePunt> {
    const folder = mkdtempSync(join(tmpdir(), 'punt-'));
    const server = createServer();
    server.listen(join(folder, 'socket'));
    await once(server, 'listening');
    const plugins = connect(join(folder, 'socket'));
    plugins.pause();
    const [data] = (await once(server, 'connection')) as [Socket];
    server.close();
    rmSync(folder, { recursive: true });
    return new FakePunt(plugins, data);
  }

  /** Its descriptor. */
  get fd(): number {
    return (this.#plugins as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
  }

  handedOver(): void {
    this.#plugins.destroy();
  }

  counters(): PuntTotals {
    return none;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#data.destroy();
  }

  punt(records: readonly PuntedRecord[]): void {
    this.#data.write(Buffer.concat(records.map(recordOf)));
  }

  get verdicts() {
    return recordsIn(this.#received).records;
  }
}
