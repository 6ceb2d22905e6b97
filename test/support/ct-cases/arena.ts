import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodePcap, encodePcap } from '../../../bench/support/pcap.js';
import type { PortConfig } from '../../../src/config/schema.js';
import type { Flow } from '../../../src/model/flow.js';
import { portName, portNumber } from '../../../src/model/ids.js';
import { loadAddon } from '../../../src/switch/binding.js';
import { conntrackOptions } from '../../../src/switch/options.js';
import { Switch } from '../../../src/switch/switch.js';
import type { Rule } from '../../../src/switch/types.js';
import { applyOne } from '../apply-each.js';
import { transaction } from '../transaction.js';
import { smallSwitch } from '../small-switch.js';
import { fillerFrame } from './frames.js';

const noEntries = conntrackOptions({});

export interface PortFrame {
  readonly port: number;
  readonly frame: Uint8Array;
}

/** Frames of a burst go through a table together; with so many others behind it one goes alone. */
const alone = 63;

/** The native data plane with a worker, to which packets come from a file: connections are kept, as with no probe. */
export class Arena {
  readonly #switch: Switch;
  readonly #directory = mkdtempSync(join(tmpdir(), 'ct-arena-'));
  #rules: readonly Rule[] = [];

  private constructor(started: Switch) {
    this.#switch = started;
  }

  /** Once in a process. */
  static async start(conntrack: Partial<typeof noEntries> = {}): Promise<Arena> {
    const started = await Switch.start(
      loadAddon(),
      smallSwitch('ct-arena', {
        maxSleepUs: 100,
        mib: 96,
        mbufs: 8191,
        maxRules: 256,
        masksPerTable: 8,
        conntrack: { ...noEntries, ...conntrack },
      }),
    );
    return new Arena(started);
  }

  get conntrack(): Switch['conntrack'] {
    return this.#switch.conntrack;
  }

  /** Other flows, and no connections. */
  async begin(flows: readonly Flow[], slot = 0): Promise<void> {
    const remove = this.#rules.map(({ id, table, slot: from }) => ({ id, slot: from, table }));
    this.#rules = flows.map(({ table, priority, match, actions }, id) => ({ id, slot, table, rank: priority, match, actions }));
    await applyOne(this.#switch, transaction({ remove, add: this.#rules }));
    await this.#switch.conntrack.flush({});
  }

  /** What comes out of p2 of what comes in at p1. */
  async send(frames: readonly Uint8Array[], slot = 0): Promise<Buffer[]> {
    const [source, sink] = [join(this.#directory, 'in.pcap'), join(this.#directory, 'out.pcap')];
    writeFileSync(source, encodePcap(frames.map((frame) => Buffer.from(frame))));
    await this.#open(2, { type: 'pcap', txFile: sink }, slot);
    try {
      await this.#receive(1, source, frames.length, slot);
    } finally {
      // The file is whole when its port is closed.
      await this.#switch.closePort(portNumber(2));
    }
    return decodePcap(readFileSync(sink));
  }

  /** What comes out of p3 and p4 of what comes in at p1 and p2, one by one. The flows drop fillers. */
  async converse(frames: readonly PortFrame[]): Promise<PortFrame[]> {
    const source = join(this.#directory, 'in.pcap');
    const sinks = [3, 4].map((port) => ({ port, file: join(this.#directory, `out${port}.pcap`) }));
    for (const { port, file } of sinks) await this.#open(port, { type: 'pcap', txFile: file }, 0);
    try {
      for (let i = 0; i < frames.length;) {
        const { port } = frames[i]!;
        const turn: Buffer[] = [];
        for (; frames[i]?.port === port; i++) {
          if (turn.length > 0) turn.push(...Array.from({ length: alone }, () => Buffer.from(fillerFrame)));
          turn.push(Buffer.from(frames[i]!.frame));
        }
        writeFileSync(source, encodePcap(turn));
        await this.#receive(port, source, turn.length, 0);
      }
    } finally {
      for (const { port } of sinks) await this.#switch.closePort(portNumber(port));
    }
    return sinks.flatMap(({ port, file }) => decodePcap(readFileSync(file)).map((frame) => ({ port, frame })));
  }

  async close(): Promise<void> {
    await this.#switch.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Until a port has received the frames of a file. */
  async #receive(port: number, rxFile: string, count: number, slot: number): Promise<void> {
    const received = (): bigint => this.#switch.snapshot().ports[port]?.rxPackets ?? 0n;
    const before = received();
    await this.#open(port, { type: 'pcap', rxFile }, slot);
    for (let i = 0; i < 3000 && received() - before < BigInt(count); i++) await sleep(2);
    await this.#switch.closePort(portNumber(port));
  }

  async #open(number: number, config: PortConfig, slot: number): Promise<void> {
    await this.#switch.openPort(portNumber(number), portName(`p${number}`), { kind: 'uplink' }, slot, config);
  }
}
