import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { LedgerView } from '../../../src/api/schemas/ledger.js';
import type { UsageView } from '../../../src/api/schemas/usage.js';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { root } from '../../support/source-tree.js';

/** What somebody outside saw of a tenant’s counters, and when. */
export interface Sample {
  readonly atMs: number;
  readonly packets: number;
  /** Of the ledger, as the switch said that it is on the disk. */
  readonly head: string | undefined;
  /** What the switch said that a kill would lose. */
  readonly pendingMs: number;
}

/** `vswitch run` of a switch whose tenant red receives all the time, and keeps a ledger; with a poller beside it. */
export class LedgerSwitch {
  readonly samples: Sample[] = [];
  /** Known once it answered. */
  bootId: string | undefined;
  readonly #socket: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #polls = true;
  readonly #polling: Promise<void>;
  log = '';

  constructor(directory: string, ledger: string, intervalS: number) {
    if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('the program is not built; run: npm run build');
    this.#socket = join(directory, 'api.sock');
    const file = join(directory, 'config.json');
    writeFileSync(file, JSON.stringify(configOf(this.#socket, ledger, intervalS)));
    const args = [join(root, 'bin/vswitch.js'), 'run', file, '--log-level', 'warn'];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.#exit = once(this.#child, 'exit');
    this.#polling = this.#poll();
  }

  /** Resolves once it forwards. @throws with its log where it ends before. */
  async ready(): Promise<void> {
    while (this.samples.length === 0) {
      if (this.#child.exitCode !== null) throw new Error(`the switch ended: ${this.log}`);
      await sleep(5);
    }
  }

  /** @returns when. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const atMs = performance.now();
    this.#child.kill(signal);
    await this.#exit;
    this.#polls = false;
    await this.#polling;
    return atMs;
  }

  async #poll(): Promise<void> {
    const dispatcher = new Agent({ connect: { socketPath: this.#socket } });
    const get = async (path: string): Promise<unknown> => (await request(`http://localhost${path}`, { dispatcher })).body.json();
    while (this.#polls) {
      try {
        const atMs = performance.now();
        const { bootId, position, pendingMs } = (await get('/v1/usage/ledger')) as LedgerView;
        this.bootId = bootId;
        const { tenants } = (await get('/v1/usage')) as UsageView;
        const packets = tenants.find(({ tenant }) => tenant === 'red')?.totals.rxPackets ?? 0;
        this.samples.push({ atMs, packets, head: position?.head, pendingMs });
      } catch {
        // It does not answer yet, or no more.
      }
      await sleep(10);
    }
    await dispatcher.destroy();
  }
}

const configOf = (socket: string, path: string, intervalS: number): VswitchConfig => ({
  name: 'ledger',
  workers: { cores: [availableParallelism() - 1], idle: { mode: 'adaptive' } },
  memory: { hugepages: 'never', mib: 64, mbufs: 2047 },
  conntrack: { entries: 64 },
  ports: { 'gw-r1': { type: 'null', tenant: 'red', receive: true }, 'gw-b1': { type: 'null', tenant: 'blue' } },
  tenants: { red: {}, blue: {} },
  accounting: { ledger: { path, intervalS } },
  api: { socket },
});
