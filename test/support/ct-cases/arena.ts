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

const noEntries = conntrackOptions({});

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
      const received = (): bigint => this.#switch.snapshot().ports[1]?.rxPackets ?? 0n;
      const before = received();
      await this.#open(1, { type: 'pcap', rxFile: source }, slot);
      for (let i = 0; i < 3000 && received() - before < BigInt(frames.length); i++) await sleep(2);
      await this.#switch.closePort(portNumber(1));
    } finally {
      // The file is whole when its port is closed.
      await this.#switch.closePort(portNumber(2));
    }
    return decodePcap(readFileSync(sink));
  }

  async close(): Promise<void> {
    await this.#switch.close();
    rmSync(this.#directory, { recursive: true });
  }

  async #open(number: number, config: PortConfig, slot: number): Promise<void> {
    await this.#switch.openPort(portNumber(number), portName(`p${number}`), { kind: 'uplink' }, slot, config);
  }
}
