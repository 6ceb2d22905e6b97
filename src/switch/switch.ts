import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { availableParallelism } from 'node:os';
import { maxPorts, maxTables, maxTenants, type PortConfig } from '../config/schema.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { generation, type PortName, type PortNumber } from '../model/ids.js';
import type { PortDeviceCounters, PortInfo, PortLink, PortReplies, PortRole } from '../model/port.js';
import type { CounterSnapshot } from '../model/usage.js';
import { claimInterface } from './claim.js';
import { NativeConntrack } from './conntrack.js';
import { encodeGateways } from './gateways.js';
import { encodeTransaction } from './codec.js';
import { counterCount, decodeCounters, meterCounterNames, once, tableCounterNames, type CounterLayout } from './counters.js';
import { devargs } from './devargs.js';
import { ealArguments, useHugepages, workerLcores } from './eal-arguments.js';
import { fromNative, rethrow } from './native-errors.js';
import type { NativeAddon, NativeConntrackOptions, NativeStartInfo, NativeSwitch } from './native.js';
import { portFault, preflight } from './port-faults.js';
import { openPunt } from './punt.js';
import { deviceCounters, hitsOf, metersOf, parsedHeaderOf, probeResultOf, tablesOf } from './reports.js';
import type {
  Applied,
  DataPlane,
  MeterCounters,
  ParsedHeader,
  ProbePacket,
  ProbeResult,
  PuntChannel,
  PuntOptions,
  RuleCounters,
  RuleTransaction,
  TableReport,
  TableSnapshot,
  TenantSlot,
} from './types.js';

export interface SwitchOptions {
  readonly name: string;
  readonly cores: readonly number[];
  /** 0: pure polling. */
  readonly maxSleepUs: number;
  readonly hugepages: 'auto' | 'require' | 'never';
  readonly mib: number;
  readonly mbufs: number;
  /** Data room of a packet buffer, for the largest frame. */
  readonly mbufDataBytes: number;
  readonly maxRules: number;
  readonly maxGroups: number;
  readonly maxMeters: number;
  readonly masksPerTable: number;
  /** Memory that a table may take. */
  readonly tableMib: number;
  readonly conntrack: NativeConntrackOptions;
  /** By cycleShares. */
  readonly cycleShares: Uint32Array;
}

/** The data plane behind its native addon. A rule's way enters here: `apply` encodes it, native/binding decodes it. */
export class Switch implements DataPlane {
  readonly tscHz: bigint;
  readonly hugepages: boolean;
  readonly dpdkVersion: string;
  readonly conntrack: NativeConntrack;
  readonly #native: NativeSwitch;
  readonly #layout: CounterLayout;
  /** By port number. */
  readonly #claims = new Map<number, Server>();
  #closed = false;

  private constructor(native: NativeSwitch, info: NativeStartInfo, dpdkVersion: string, cores: readonly number[]) {
    this.#native = native;
    this.tscHz = info.tscHz;
    this.hugepages = info.hugepages;
    this.dpdkVersion = dpdkVersion;
    this.conntrack = new NativeConntrack(() => this.#open());
    this.#layout = { cores, tenantSlots: maxTenants + 1, portSlots: maxPorts + 1 };
  }

  /**
   * Starts DPDK and the workers, once in a process.
   * @throws VswitchError EAL_FAILED with DPDK's reason.
   */
  static async start(addon: NativeAddon, options: SwitchOptions): Promise<Switch> {
    checkCores(options.cores);
    const native = addon.createSwitch();
    try {
      const info = await native.start({
        ealArguments: ealArguments({
          cores: options.cores,
          onlineCores: onlineCores(),
          hugepages: useHugepages(options),
          mib: options.mib,
          filePrefix: `mts-${options.name}-${process.pid}`,
        }),
        workerLcores: workerLcores(options.cores),
        maxSleepUs: options.maxSleepUs,
        mbufs: options.mbufs,
        mbufDataBytes: options.mbufDataBytes,
        maxRules: options.maxRules,
        maxGroups: options.maxGroups,
        maxMeters: options.maxMeters,
        masksPerTable: options.masksPerTable,
        tableMib: options.tableMib,
        conntrack: options.conntrack,
        cycleShares: options.cycleShares,
      });
      return new Switch(native, info, addon.describe().dpdk, options.cores);
    } catch (error) {
      native.closeSync();
      throw fromNative(error);
    }
  }

  async openPort(
    number: PortNumber,
    name: PortName,
    role: PortRole,
    slot: TenantSlot,
    config: PortConfig,
    replies: PortReplies = { gateways: [], perSecond: 0 },
  ): Promise<PortInfo> {
    this.#mustBeOpen();
    const obstacle = preflight(name, config);
    if (obstacle)
      throw new VswitchError('PORT_FAILED', `port ${name} cannot start: step preflight: ${obstacle.message}`, [obstacle]);
    const claim = await claimInterface(name, config);
    try {
      const info = await this.#native.openPort({
        number,
        name,
        slot,
        devargs: devargs(config, number, this.#layout.cores.length),
        rxQueues: config.rxQueues ?? 1,
        rxDescriptors: config.rxDescriptors ?? 512,
        txDescriptors: config.txDescriptors ?? 512,
        mtu: config.mtu ?? 0,
        mac: config.mac ?? '',
        gateways: encodeGateways(replies.gateways),
        repliesPerSecond: replies.perSecond,
      });
      if (claim) this.#claims.set(number, claim);
      const { rxOffloads, txOffloads, ...device } = info;
      return { ...device, number, name, type: config.type, role, offloads: { rx: rxOffloads, tx: txOffloads } };
    } catch (error) {
      claim?.close();
      throw fromNative(error, (native) => [portFault(name, config, native)]);
    }
  }

  async closePort(number: PortNumber): Promise<void> {
    this.#mustBeOpen();
    await this.#native.closePort(number).catch(rethrow);
    this.#claims.get(number)?.close();
    this.#claims.delete(number);
  }

  async portState(number: PortNumber): Promise<{ link: PortLink; device: PortDeviceCounters }> {
    this.#mustBeOpen();
    const state = await this.#native.portState(number).catch(rethrow);
    return {
      link: { up: state.linkUp, speedMbps: state.speedMbps, fullDuplex: state.fullDuplex },
      device: deviceCounters(state),
    };
  }

  async apply(transactions: readonly RuleTransaction[]): Promise<Applied> {
    this.#mustBeOpen();
    const { count, generation: last, error } = await this.#native.apply(transactions.map(encodeTransaction)).catch(rethrow);
    const generations = Array.from({ length: count }, (_, i) => generation(last - BigInt(count - 1 - i)));
    return error === undefined ? { generations } : { generations, fault: fromNative(error) };
  }

  snapshot(): CounterSnapshot {
    this.#mustBeOpen();
    const raw = new BigUint64Array(counterCount(this.#layout));
    this.#native.readCounters(raw);
    return decodeCounters(raw, this.#layout, this.tscHz, performance.now());
  }

  ruleCounters(ids: readonly number[]): RuleCounters[] {
    this.#mustBeOpen();
    const raw = new BigUint64Array(ids.length * 2);
    this.#native.readRuleCounters(Uint32Array.from(ids), raw);
    return hitsOf(raw);
  }

  groupCounters(numbers: readonly number[]): RuleCounters[] {
    this.#mustBeOpen();
    const raw = new BigUint64Array(numbers.length * 2);
    this.#native.readGroupCounters(Uint32Array.from(numbers), raw);
    return hitsOf(raw);
  }

  meterCounters(numbers: readonly number[]): MeterCounters[] {
    this.#mustBeOpen();
    const raw = new BigUint64Array(numbers.length * meterCounterNames.length);
    this.#native.readMeterCounters(Uint32Array.from(numbers), raw);
    return metersOf(raw);
  }

  tableSnapshot(): TableSnapshot {
    this.#mustBeOpen();
    const raw = new BigUint64Array((maxTenants + 1) * maxTables * tableCounterNames.length);
    this.#native.readTableCounters(raw);
    const tables = once(() => tablesOf(raw, maxTables));
    return {
      atMs: performance.now(),
      get tables() {
        return tables();
      },
    };
  }

  async probe(packets: readonly ProbePacket[], detail: boolean): Promise<ProbeResult[]> {
    this.#mustBeOpen();
    const results = await this.#native.probe(packets, detail).catch(rethrow);
    return results.map(probeResultOf);
  }

  async parserPlan(): Promise<ParsedHeader[]> {
    this.#mustBeOpen();
    const plan = await this.#native.parserPlan().catch(rethrow);
    return plan.map(parsedHeaderOf);
  }

  async tableReports(): Promise<readonly TableReport[]> {
    this.#mustBeOpen();
    return this.#native.tableReports().catch(rethrow);
  }

  async openPunt(slot: TenantSlot, options: PuntOptions): Promise<PuntChannel> {
    return openPunt(() => this.#open(), slot, options);
  }

  async setShares(cycleShares: Uint32Array): Promise<void> {
    this.#mustBeOpen();
    await this.#native.setShares({ cycleShares }).catch(rethrow);
  }

  async refreshLinks(): Promise<void> {
    this.#mustBeOpen();
    await this.#native.refreshLinks().catch(rethrow);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#native.close();
    this.#releaseClaims();
  }

  /** For the process's exit handler: native clean-up hooks do not run on process.exit. */
  closeSync(): void {
    this.#closed = true;
    this.#native.closeSync();
    this.#releaseClaims();
  }

  #releaseClaims(): void {
    for (const claim of this.#claims.values()) claim.close();
    this.#claims.clear();
  }

  #open(): NativeSwitch {
    this.#mustBeOpen();
    return this.#native;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new VswitchError('CLOSED', 'the switch is closed');
  }
}

/** Core numbers from the kernel's list, for example `0-3,8`. */
export function onlineCores(list: string = readFileSync('/sys/devices/system/cpu/online', 'utf8')): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

function checkCores(cores: readonly number[]): void {
  const online = onlineCores();
  const faults: Fault[] = cores.flatMap((core, i) =>
    online.includes(core)
      ? []
      : [
          {
            pointer: `/workers/cores/${i}`,
            value: core,
            message: 'this machine has no such core',
            remedy: `choose from ${online.join(', ')} (${availableParallelism()} usable)`,
          },
        ],
  );
  if (faults.length > 0) throw new VswitchError('CONFIG_INVALID', 'workers.cores names cores that this machine has not', faults);
}
