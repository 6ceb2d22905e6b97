import type { Flow } from '../../../src/model/flow.js';
import { generation, portNumber, type PortNumber } from '../../../src/model/ids.js';
import type { DataPlane, PlacedGroup, ProbePacket, ProbeResult, Rule } from '../../../src/switch/types.js';
import { applyEach } from '../apply-each.js';
import { interpret } from './pipeline.js';
import type { Outcome, Program } from './state.js';

/** A data plane that only the reference interpreter works: packets go through `probe`, nothing is counted. */
export class ReferenceDataPlane implements DataPlane {
  readonly tscHz = 1_000_000_000n;
  readonly dpdkVersion = 'none';
  readonly hugepages = false;
  readonly #slots = new Map<PortNumber, number>();
  readonly #rules = new Map<string, Rule>();
  readonly #groups = new Map<number, PlacedGroup>();
  #generation = 0n;

  async openPort(...[number, name, role, slot, config]: Parameters<DataPlane['openPort']>): ReturnType<DataPlane['openPort']> {
    this.#slots.set(number, slot);
    const info = { number, name, role, type: config.type, mac: '02:00:00:00:00:01', mtu: 1500, driver: 'reference' };
    return { ...info, numaNode: 0, rxQueues: 1, txQueues: 1 } as unknown as Awaited<ReturnType<DataPlane['openPort']>>;
  }

  async closePort(number: PortNumber): Promise<void> {
    this.#slots.delete(number);
  }

  async portState(): ReturnType<DataPlane['portState']> {
    return { link: { up: true, mbps: 0 }, device: {} } as unknown as Awaited<ReturnType<DataPlane['portState']>>;
  }

  readonly apply = applyEach(async ({ remove, add, putGroups, removeGroups }) => {
    for (const { id, slot } of remove) this.#rules.delete(`${slot}/${id}`);
    for (const rule of add) this.#rules.set(`${rule.slot}/${rule.id}`, rule);
    for (const number of removeGroups) this.#groups.delete(number);
    for (const group of putGroups) this.#groups.set(group.number, group);
    return generation(++this.#generation);
  });

  async probe(packets: readonly ProbePacket[]): Promise<ProbeResult[]> {
    return packets.map(({ inPort, bytes }) => {
      const { slot, program } = this.program(inPort);
      return resultOf(slot, interpret(program, inPort, bytes));
    });
  }

  /** What holds for the packets of a port; the cookies of its flows are the numbers of their rules. */
  program(inPort: PortNumber): { readonly slot: number; readonly program: Program } {
    const slot = this.#slots.get(inPort) ?? 0;
    const rules = [...this.#rules.values()].filter((rule) => rule.slot === slot);
    const groups = [...this.#groups.values()].map(({ number, group }) => ({ ...group, group: number }));
    return { slot, program: { flows: rules.map(flowOf), groups, ports: [...this.#slots.keys()] } };
  }

  snapshot = (): never => unsupported();
  ruleCounters = (ids: readonly number[]) => ids.map(() => ({ packets: 0n, bytes: 0n }));
  groupCounters = (numbers: readonly number[]) => numbers.map(() => ({ packets: 0n, bytes: 0n }));
  meterCounters = (): never => unsupported();
  tableSnapshot = (): never => unsupported();
  parserPlan = (): never => unsupported();
  tableReports = (): never => unsupported();
  refreshLinks = async (): Promise<void> => undefined;
  setShares = unsupported;
  openPunt = unsupported;
  readonly conntrack = {
    list: unsupported,
    count: unsupported,
    flush: unsupported,
    snapshot: unsupported,
    restore: unsupported,
    limitZone: unsupported,
    counters: unsupported,
    states: unsupported,
    usage: unsupported,
  };

  async close(): Promise<void> {}
}

export const resultOf = (slot: number, { out, steps, punted, drops }: Outcome): ProbeResult => ({
  slot,
  out: out.map(({ port, bytes }) => ({ port: portNumber(port), bytes })),
  steps: steps.map(({ flow, ...step }) => ({ ...step, rule: flow && Number(flow.cookie) })),
  punted,
  drops,
  cycles: [],
});

/** The rule's number takes the cookie's place. */
const flowOf = ({ id, table, rank, match, actions }: Rule): Flow => ({
  table,
  priority: rank,
  match,
  actions,
  cookie: BigInt(id),
  idleTimeout: 0,
  hardTimeout: 0,
});

function unsupported(): never {
  throw new Error('the reference has no counters');
}
