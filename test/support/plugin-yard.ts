import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodePcap, encodePcap } from '../../bench/support/pcap.js';
import { derive } from '../../src/flow/derive.js';
import { parseGroup } from '../../src/flow/syntax/group-text.js';
import { steeringOf } from '../../src/flow/rules.js';
import { parseFlow } from '../../src/flow/syntax/text.js';
import type { Fault } from '../../src/model/errors.js';
import { rankOf } from '../../src/model/flow.js';
import { compileRules } from '../../src/plugins/band/compile.js';
import { pluginHeaders } from '../../src/plugins/sdk/headers.js';
import { fieldsIn, type PluginBench } from '../../src/plugins/testing/index.js';
import { labConfig, openTopology } from '../../src/plugins/testing/lab.js';
import { loadAddon } from '../../src/switch/binding.js';
import { Switch } from '../../src/switch/switch.js';
import type { PlacedGroup, Rule } from '../../src/switch/types.js';
import { applyOne } from './apply-each.js';
import { smallSwitch } from './small-switch.js';
import { transaction } from './transaction.js';

const slot = 1;
const topology = openTopology(labConfig);

/** A frame that came out, as fields. */
export interface Came {
  readonly port: string;
  readonly fields: ReturnType<typeof fieldsIn>;
}

/**
 * The native data plane with the lab of plugins' tests, its derived flows and the rules of some plugins in their order, of which one may have groups. Packets come
 * from files through a worker, so that connections are made. What is punted is dropped.
 */
export class PluginYard {
  readonly #switch: Switch;
  readonly #directory = mkdtempSync(join(tmpdir(), 'plugin-yard-'));
  #rules: readonly Rule[] = [];
  #groups: readonly PlacedGroup[] = [];

  private constructor(started: Switch) {
    this.#switch = started;
  }

  /** Once in a process. */
  static async start(): Promise<PluginYard> {
    const more = { maxSleepUs: 100, mib: 128, mbufs: 8191, maxRules: 4096, masksPerTable: 32, tableMib: 64 };
    const started = await Switch.start(loadAddon(), smallSwitch('plugin-yard', more));
    // Rules of flows have numbers from 0 on.
    await applyOne(
      started,
      transaction({ steer: steeringOf(topology).map((rule, i) => ({ id: more.maxRules - 1 - i, ...rule })) }),
    );
    return new PluginYard(started);
  }

  /** Other plugins, and no connections. */
  async begin(plugins: readonly PluginBench[]): Promise<void> {
    await this.change(plugins);
    await this.#switch.conntrack.flush({});
  }

  /** Other plugins, while connections stay. */
  async change(plugins: readonly PluginBench[]): Promise<void> {
    const faults: Fault[] = [];
    const owned = derive(topology, []).filter(({ owner }) => owner.kind === 'tenant');
    const derived = owned.map((flow) => ({ flow, rank: rankOf(flow.band, flow.priority) }));
    const written = plugins.flatMap(({ rules }, index) =>
      compileRules({ rules }, { index, headers: pluginHeaders }).flows.flatMap((text) => {
        const flow = parseFlow(text, topology, '', faults);
        return flow ? [{ flow, rank: rankOf('plugin', flow.priority) }] : [];
      }),
    );
    const putGroups = plugins.flatMap(({ stock }) =>
      (stock.groups ?? []).flatMap((text): PlacedGroup[] => {
        const parsed = parseGroup(text, topology, '', faults);
        return parsed ? [{ number: parsed.group, group: parsed }] : [];
      }),
    );
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    const removeGroups = this.#groups
      .map(({ number }) => number)
      .filter((number) => !putGroups.some((put) => put.number === number));
    this.#groups = putGroups;
    const remove = this.#rules.map(({ id, table }) => ({ id, slot, table }));
    this.#rules = [...derived, ...written].map(({ flow: { table, match, actions }, rank }, id) => ({
      ...{ id, slot, table, rank, match, actions },
    }));
    await applyOne(this.#switch, transaction({ remove, add: this.#rules, removeGroups, putGroups }));
  }

  /** What comes out of which port, of a frame that comes in by one. */
  async send(port: string, frame: Uint8Array): Promise<Came[]> {
    const source = join(this.#directory, 'in.pcap');
    writeFileSync(source, encodePcap([Buffer.from(frame)]));
    const sink = (name: string): string => join(this.#directory, `${name}.pcap`);
    const [from, ...others] = topology.ports.toSorted((a) => (a.name === port ? -1 : 0));
    const received = (): bigint => this.#switch.snapshot().ports[from?.number ?? 0]?.rxPackets ?? 0n;
    const before = received();
    for (const { number, name, role } of [...others, ...(from ? [from] : [])])
      await this.#switch.openPort(number, name, role, role.kind === 'uplink' ? 0 : slot, {
        type: 'pcap',
        txFile: sink(name),
        ...(name === port ? { rxFile: source } : {}),
      });
    for (let i = 0; i < 3000 && received() === before; i++) await sleep(2);
    // The files are whole when their ports are closed.
    for (const { number } of topology.ports) await this.#switch.closePort(number);
    return topology.ports.flatMap(({ name }) =>
      decodePcap(readFileSync(sink(name))).map((bytes) => ({ port: name, fields: fieldsIn(bytes) })),
    );
  }

  /** Packets of the tenant that were dropped, by reason. */
  get drops(): Readonly<Record<string, bigint>> {
    const all = Object.entries(this.#switch.snapshot().tenants[slot]?.drops ?? {});
    return Object.fromEntries(all.filter(([, count]) => count > 0n));
  }

  async close(): Promise<void> {
    await this.#switch.close();
    rmSync(this.#directory, { recursive: true });
  }
}
