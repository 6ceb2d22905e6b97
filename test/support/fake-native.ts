import { openSync } from 'node:fs';
import { maxPorts, maxTables, maxTenants } from '../../src/config/schema.js';
import { actionNames } from '../../src/model/action.js';
import { dropReasons } from '../../src/model/drop.js';
import { ctCounters, ctStates, ctTimeouts } from '../../src/model/conntrack.js';
import { headerNames } from '../../src/model/header.js';
import { matchFields } from '../../src/model/match.js';
import { stages } from '../../src/model/usage.js';
import {
  meterCounterNames,
  portCounterNames,
  puntCounterNames,
  tableCounterNames,
  tenantCounterNames,
  workerCounterNames,
} from '../../src/switch/counters.js';
import { nativeErrorCodes } from '../../src/switch/native-errors.js';
import type {
  NativeAddon,
  NativeApplied,
  NativeDescription,
  NativeError,
  NativePortInfo,
  NativePortSpec,
  NativePortState,
  NativeProbeResult,
  NativeStartInfo,
  NativeStartOptions,
  NativeSwitch,
} from '../../src/switch/native.js';
import type { ProbePacket } from '../../src/switch/types.js';
import { fault, FakeConntrack } from './fake-conntrack.js';
import { decodeTransaction, type WireGroup, type WireMeter, type WireRule } from './decode-transaction.js';

export const fakeLimits = { ports: maxPorts, tenants: maxTenants, tables: maxTables } as const;
export const fakeTscHz = 1_000_000_000n;

/** The addon without DPDK: it keeps rules, ports and counters, and forwards nothing. Tests turn its knobs. */
export class FakeNative implements NativeAddon {
  readonly switches: FakeSwitch[] = [];
  /** Ports of these names fail to open, with the message. */
  readonly brokenPorts = new Map<string, string>();

  describe(): NativeDescription {
    return {
      version: '0.1.0',
      dpdk: 'DPDK 22.11.11 (fake)',
      abi: 1,
      fields: matchFields.map(({ name, bits }) => ({ name, bits })),
      actions: actionNames,
      dropReasons,
      stages,
      workerCounters: workerCounterNames,
      tenantCounters: tenantCounterNames,
      portCounters: portCounterNames,
      meterCounters: meterCounterNames,
      tableCounters: tableCounterNames,
      puntCounters: puntCounterNames,
      headers: headerNames,
      errors: nativeErrorCodes,
      ctTimeouts,
      ctCounters,
      ctStates,
      limits: fakeLimits,
    };
  }

  createSwitch(): FakeSwitch {
    const created = new FakeSwitch(this.brokenPorts);
    this.switches.push(created);
    return created;
  }

  /** The one switch of a test that starts one. */
  get only(): FakeSwitch {
    const [first] = this.switches;
    if (!first || this.switches.length !== 1) throw new Error(`${this.switches.length} switches were created`);
    return first;
  }
}

export class FakeSwitch extends FakeConntrack implements NativeSwitch {
  /** Rules by slot and id, as `3/17`. */
  readonly rules = new Map<string, WireRule>();
  readonly ports = new Map<number, NativePortSpec>();
  readonly downPorts = new Set<number>();
  readonly groups = new Map<number, WireGroup>();
  readonly meters = new Map<number, WireMeter>();
  readonly ruleHits = new Map<number, readonly [packets: bigint, bytes: bigint]>();
  readonly groupHits = new Map<number, readonly [packets: bigint, bytes: bigint]>();
  /** In the order of meterCounterNames. */
  readonly meterHits = new Map<number, readonly bigint[]>();
  /** By slot and table, as `1/0`. */
  readonly tableHits = new Map<string, readonly [lookups: bigint, matches: bigint, timed?: bigint, cycles?: bigint]>();
  plan: Awaited<ReturnType<NativeSwitch['parserPlan']>> = [];
  /** What becomes of a packet that the fake is probed with. */
  prober: ((packet: ProbePacket) => NativeProbeResult) | undefined;
  /** By `worker:<index>:<name>`, `tenant:<slot>:<name>` and `port:<number>:<name>`; the latter two are worker 0's. */
  readonly counters = new Map<string, bigint>();
  generation = 0n;
  applied = 0;
  state: 'new' | 'started' | 'closed' = 'new';
  #workers = 1;
  readonly #brokenPorts: ReadonlyMap<string, string>;

  constructor(brokenPorts: ReadonlyMap<string, string>) {
    super();
    this.#brokenPorts = brokenPorts;
  }

  async start(options: NativeStartOptions): Promise<NativeStartInfo> {
    this.#workers = options.workerLcores.length;
    this.state = 'started';
    return { tscHz: fakeTscHz, hugepages: false };
  }

  async openPort(spec: NativePortSpec): Promise<NativePortInfo> {
    this.mustRun();
    const broken = this.#brokenPorts.get(spec.name);
    if (broken !== undefined) throw fault('PORT_FAILED', 'probe', broken);
    this.ports.set(spec.number, spec);
    return {
      driver: 'net_fake',
      mac: spec.mac || `02:fa:ce:00:00:${spec.number.toString(16).padStart(2, '0')}`,
      mtu: spec.mtu || 1500,
      rxQueues: spec.rxQueues,
      txQueues: this.#workers,
      rxOffloads: [],
      txOffloads: [],
    };
  }

  async closePort(number: number): Promise<void> {
    this.mustRun();
    this.ports.delete(number);
  }

  async portState(number: number): Promise<NativePortState> {
    this.mustRun();
    if (!this.ports.has(number)) throw fault('PORT_NOT_FOUND', 'attach', `no port ${number}`);
    return {
      linkUp: !this.downPorts.has(number),
      speedMbps: 10_000,
      fullDuplex: true,
      rxMissed: 0n,
      rxErrors: 0n,
      rxNoMbuf: 0n,
      txErrors: 0n,
      queues: new BigUint64Array(4),
    };
  }

  async apply(transactions: readonly Uint8Array[]): Promise<NativeApplied> {
    this.mustRun();
    let count = 0;
    try {
      for (const transaction of transactions) {
        this.#apply(transaction);
        count++;
      }
    } catch (error) {
      return { count, generation: this.generation, error: error as NativeError };
    }
    return { count, generation: this.generation, error: undefined };
  }

  #apply(transaction: Uint8Array): void {
    const { remove, add, steer, putGroups, removeGroups, putMeters, removeMeters } = decodeTransaction(transaction);
    for (const { id, slot } of remove) {
      if (!this.rules.delete(`${slot}/${id}`)) throw fault('NATIVE_REFUSED', 'remove', `no rule ${id} in slot ${slot}`);
    }
    for (const rule of add) this.#add(`${rule.slot}/${rule.id}`, rule);
    for (const rule of steer) this.#add(`steering/${rule.id}`, rule);
    for (const number of removeGroups) this.groups.delete(number);
    for (const group of putGroups) this.groups.set(group.number, group);
    for (const number of removeMeters) this.meters.delete(number);
    for (const meter of putMeters) this.meters.set(meter.number, meter);
    this.applied++;
    this.generation++;
  }

  readCounters(out: BigUint64Array): void {
    this.mustRun();
    let at = 0;
    const put = (key: string, counts = true): void => {
      out[at++] = (counts ? this.counters.get(key) : undefined) ?? 0n;
    };
    for (let worker = 0; worker < this.#workers; worker++) {
      for (const name of workerCounterNames) put(`worker:${worker}:${name}`);
      for (let slot = 0; slot <= fakeLimits.tenants; slot++)
        for (const name of tenantCounterNames) put(`tenant:${slot}:${name}`, worker === 0);
      for (let port = 0; port <= fakeLimits.ports; port++)
        for (const name of portCounterNames) put(`port:${port}:${name}`, worker === 0);
    }
  }

  readRuleCounters(ruleIds: Uint32Array, out: BigUint64Array): void {
    this.mustRun();
    ruleIds.forEach((id, i) => {
      const [packets, bytes] = this.ruleHits.get(id) ?? [0n, 0n];
      out[2 * i] = packets;
      out[2 * i + 1] = bytes;
    });
  }

  readGroupCounters(numbers: Uint32Array, out: BigUint64Array): void {
    this.mustRun();
    numbers.forEach((number, i) => out.set(this.groupHits.get(number) ?? [0n, 0n], 2 * i));
  }

  readMeterCounters(numbers: Uint32Array, out: BigUint64Array): void {
    this.mustRun();
    numbers.forEach((number, i) => out.set(this.meterHits.get(number) ?? [], meterCounterNames.length * i));
  }

  readTableCounters(out: BigUint64Array): void {
    this.mustRun();
    for (const [key, hits] of this.tableHits) {
      const [slot = 0, table = 0] = key.split('/').map(Number);
      const at = tableCounterNames.length * (slot * fakeLimits.tables + table);
      hits.forEach((count = 0n, i) => (out[at + i] = count));
    }
  }

  async probe(packets: readonly ProbePacket[]): Promise<NativeProbeResult[]> {
    this.mustRun();
    if (!this.prober) throw fault('INVALID_ARGUMENT', 'probe', 'the fake forwards nothing');
    return packets.map(this.prober);
  }

  async parserPlan(): ReturnType<NativeSwitch['parserPlan']> {
    this.mustRun();
    return this.plan;
  }

  reports: Awaited<ReturnType<NativeSwitch['tableReports']>> = [];

  async tableReports(): ReturnType<NativeSwitch['tableReports']> {
    this.mustRun();
    return this.reports;
  }

  shares: Uint32Array | undefined;

  async setShares({ cycleShares }: Parameters<NativeSwitch['setShares']>[0]): Promise<void> {
    this.mustRun();
    this.shares = cycleShares;
  }

  /** By slot: what was asked for, and the file that takes the place of the plugins' socket. */
  readonly punts = new Map<number, Parameters<NativeSwitch['openPunt']>[0] & { readonly fd: number }>();
  /** By slot, in the order of puntCounterNames. */
  readonly puntHits = new Map<number, readonly bigint[]>();

  async openPunt(options: Parameters<NativeSwitch['openPunt']>[0]): Promise<number> {
    this.mustRun();
    if (this.punts.has(options.slot)) throw fault('INVALID_ARGUMENT', '', `slot ${options.slot} has plugins already`);
    const fd = openSync('/dev/null', 'r+');
    this.punts.set(options.slot, { ...options, fd });
    return fd;
  }

  async closePunt(slot: number): Promise<void> {
    this.mustRun();
    if (!this.punts.delete(slot)) throw fault('INVALID_ARGUMENT', '', `slot ${slot} has no plugins`);
  }

  readPuntCounters(slot: number, out: BigUint64Array): void {
    this.mustRun();
    out.set(this.puntHits.get(slot) ?? []);
  }

  /** How often the links were looked at. */
  linkLooks = 0;

  async refreshLinks(): Promise<void> {
    this.mustRun();
    ++this.linkLooks;
  }

  async close(): Promise<void> {
    this.closeSync();
  }

  closeSync(): void {
    this.state = 'closed';
  }

  #add(key: string, rule: WireRule): void {
    if (this.rules.has(key)) throw fault('NATIVE_REFUSED', 'add', `rule ${key} exists`);
    this.rules.set(key, rule);
  }

  protected mustRun(): void {
    if (this.state !== 'started') throw fault('CLOSED', this.state, 'the switch is closed');
  }
}
