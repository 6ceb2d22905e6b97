/**
 * The native addon as TypeScript sees it: few verbs, flat buffers. Implemented by native/binding; test/support/fake-native.ts
 * implements it without DPDK.
 */

import type { CtUsage, ProbePacket, PuntOptions, TableReport } from './types.js';

/** Compared with the model when the addon is loaded; every list in the order of its numbers. */
export interface NativeDescription {
  readonly version: string;
  readonly dpdk: string;
  readonly abi: number;
  readonly fields: readonly { readonly name: string; readonly bits: number }[];
  readonly actions: readonly string[];
  readonly dropReasons: readonly string[];
  readonly stages: readonly string[];
  readonly workerCounters: readonly string[];
  readonly tenantCounters: readonly string[];
  readonly portCounters: readonly string[];
  readonly meterCounters: readonly string[];
  readonly tableCounters: readonly string[];
  readonly puntCounters: readonly string[];
  readonly headers: readonly string[];
  readonly errors: readonly string[];
  readonly ctTimeouts: readonly string[];
  readonly ctCounters: readonly string[];
  readonly ctStates: readonly string[];
  readonly limits: { readonly ports: number; readonly tenants: number; readonly tables: number };
}

export interface NativeStartOptions {
  /** Arguments of rte_eal_init without the program name. */
  readonly ealArguments: readonly string[];
  /** EAL lcore id of each worker; the EAL arguments map it to its core. */
  readonly workerLcores: readonly number[];
  /** 0: pure polling. */
  readonly maxSleepUs: number;
  readonly mbufs: number;
  readonly mbufDataBytes: number;
  readonly maxRules: number;
  readonly maxGroups: number;
  readonly maxMeters: number;
  readonly masksPerTable: number;
  /** Memory that a table may take. */
  readonly tableMib: number;
  readonly conntrack: NativeConntrackOptions;
  /** Three for each slot: weight (0: there is no such tenant), guarantee and cap (0: none) in thousandths of each worker's core. */
  readonly cycleShares: Uint32Array;
}

export interface NativeConntrackOptions {
  /** Connections of all tenants; their memory is taken at the start. */
  readonly entries: number;
  /** A TCP connection may be taken up in mid-stream. */
  readonly loose: boolean;
  readonly checkWindow: boolean;
  /** Otherwise later fragments are dropped. */
  readonly followFragments: boolean;
  /** In the order of the description's `ctTimeouts`. */
  readonly timeoutsMs: Uint32Array;
  /** Three for each slot: entries, half-open ones, new ones a second; 0: no limit. */
  readonly limits: Uint32Array;
}

/** Which connections; what is left out is any. Address and port are those of either end, in either direction. */
export interface NativeCtFilter {
  readonly slot?: number;
  readonly zone?: number;
  readonly proto?: number;
  readonly family?: 4 | 6;
  /** 4 or 16 bytes. */
  readonly address?: Uint8Array;
  readonly port?: number;
}

/** Addresses are 4 or 16 bytes, as in a packet. */
export interface NativeConnection {
  readonly slot: number;
  readonly zone: number;
  readonly family: number;
  readonly proto: number;
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly replySrc: Uint8Array;
  readonly replyDst: Uint8Array;
  readonly replySrcPort: number;
  readonly replyDstPort: number;
  /** Number of a state. */
  readonly state: number;
  readonly mark: number;
  /** 16 bytes. */
  readonly label: Uint8Array;
  /** Until it goes, if no packet comes. */
  readonly timeoutMs: number;
}

export interface NativeStartInfo {
  readonly tscHz: bigint;
  readonly hugepages: boolean;
}

export interface NativePortSpec {
  readonly number: number;
  readonly name: string;
  /** The tenant slot of what the port receives; 0 for an uplink, whose packets are steered. */
  readonly slot: number;
  /** A PCI address, or a virtual device with its arguments (`net_af_packet1,iface=veth0`). */
  readonly devargs: string;
  readonly rxQueues: number;
  readonly rxDescriptors: number;
  readonly txDescriptors: number;
  /** 0: as the device has it. */
  readonly mtu: number;
  /** Empty: as the device has it. */
  readonly mac: string;
  /** Of 18 bytes each: family (4, 6), length of the network's prefix, address as in a packet, IPv4 in its first 4 bytes. */
  readonly gateways: Uint8Array;
  /** Of each worker to a tenant; 0: no limit. */
  readonly repliesPerSecond: number;
}

export interface NativePortInfo {
  readonly driver: string;
  readonly mac: string;
  readonly mtu: number;
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly rxOffloads: readonly string[];
  readonly txOffloads: readonly string[];
}

export interface NativePortState {
  readonly linkUp: boolean;
  readonly speedMbps: number;
  readonly fullDuplex: boolean;
  readonly rxMissed: bigint;
  readonly rxErrors: bigint;
  readonly rxNoMbuf: bigint;
  readonly txErrors: bigint;
  /** Four a queue: rxPackets, rxBytes, txPackets, txBytes. */
  readonly queues: BigUint64Array;
}

/**
 * A native failure: an Error whose `code` is one of the description's `errors`, with what failed in `step`, the positive errno
 * or 0 in `errno`, and DPDK's own log lines of the operation in `log`.
 */
export interface NativeError extends Error {
  readonly code: string;
  readonly step: string;
  readonly errno: number;
  readonly log: string;
}

export interface NativeApplied {
  readonly count: number;
  /** Of the last of them; each has one more than the one before. */
  readonly generation: bigint;
  /** Of the one that failed. */
  readonly error: NativeError | undefined;
}

export interface NativeProbeResult {
  readonly slot: number;
  readonly out: readonly { readonly port: number; readonly bytes: Uint8Array }[];
  readonly steps: readonly NativeProbeStep[];
  /** Numbers of handlers. */
  readonly punted: readonly number[];
  /** Numbers of drop reasons. */
  readonly drops: readonly number[];
  readonly cycles: BigUint64Array;
}

export interface NativeProbeStep {
  readonly table: number;
  readonly rule: number | undefined;
  /** Two for each field in the order of their numbers, the low 64 bits first. */
  readonly fields?: BigUint64Array;
  readonly bytes?: Uint8Array;
}

export interface NativeSwitch {
  /** Starts the EAL and the workers. Once in a process. */
  start(options: NativeStartOptions): Promise<NativeStartInfo>;
  openPort(spec: NativePortSpec): Promise<NativePortInfo>;
  /** Resolves after no worker can touch the port any more. */
  closePort(number: number): Promise<void>;
  portState(number: number): Promise<NativePortState>;
  /**
   * Applies transactions (switch/codec.ts) one after the other, up to the first that fails; resolves when every worker has adopted
   * those that were applied.
   */
  apply(transactions: readonly Uint8Array[]): Promise<NativeApplied>;
  /**
   * Fills `out` with, for each worker its counters, then each tenant slot's, then each port number's (0 to limits.ports).
   * Does not stop anybody. Throws RangeError where `out` is too small.
   */
  readCounters(out: BigUint64Array): void;
  /** Fills two a rule, packets and bytes, summed over the workers. */
  readRuleCounters(ruleIds: Uint32Array, out: BigUint64Array): void;
  /** Likewise for groups. */
  readGroupCounters(numbers: Uint32Array, out: BigUint64Array): void;
  /** Fills as many a meter as the description lists in `meterCounters`. */
  readMeterCounters(numbers: Uint32Array, out: BigUint64Array): void;
  /** Fills as many a table as the description lists in `tableCounters`, for each slot (0 to limits.tenants) and table. */
  readTableCounters(out: BigUint64Array): void;
  /** Runs packets one by one through the installed program. With `detail`, each step says what the table was asked, and meters keep their tokens. */
  probe(packets: readonly ProbePacket[], detail: boolean): Promise<NativeProbeResult[]>;
  /** Bits of headers that are read of each open port's packets. */
  parserPlan(): Promise<readonly { readonly port: number; readonly header: number; readonly rule: number | undefined }[]>;
  /** What the tables that hold rules were compiled to, by slot, then number. */
  tableReports(): Promise<readonly TableReport[]>;
  /** As at the start; each worker works by them from its next epoch of a tenth of a millisecond on. */
  setShares(shares: Pick<NativeStartOptions, 'cycleShares'>): Promise<void>;
  /** Looks at the links of all ports, for groups that watch them. */
  refreshLinks(): Promise<void>;
  /** At most `limit` from `cursor` (at first 0) on; the answer's cursor is that of the next ones, 0 after the last. */
  ctList(
    request: NativeCtFilter & { readonly limit: number; readonly cursor: number },
  ): Promise<{ readonly cursor: number; readonly connections: readonly NativeConnection[] }>;
  ctCount(filter: NativeCtFilter): Promise<number>;
  /** How many are gone. */
  ctFlush(filter: NativeCtFilter): Promise<number>;
  /** Every connection, in a form that any switch of this version restores. */
  ctSnapshot(): Promise<Uint8Array>;
  ctRestore(snapshot: Uint8Array): Promise<{ readonly restored: number; readonly skipped: number }>;
  /** 0: no limit. */
  setCtZoneLimit(slot: number, zone: number, entries: number, newPerSecond: number): Promise<void>;
  /** Fills as many a slot as the description lists in `ctCounters`. */
  readCtCounters(out: BigUint64Array): void;
  /** Entries now, of each slot: its connections in the order of `ctStates`, then its endpoint-independent mappings. */
  ctStates(): Promise<Uint32Array>;
  ctUsage(): Promise<CtUsage>;
  /** Opens the way to a tenant's plugins, and resolves with the socket that is theirs (native/punt/record.h). One a slot. */
  openPunt(options: { readonly slot: number } & PuntOptions): Promise<number>;
  /** Resolves when no packet of the tenant is on that way any more. */
  closePunt(slot: number): Promise<void>;
  /** Fills as many as the description lists in `puntCounters`, of all ways that the slot has had. */
  readPuntCounters(slot: number, out: BigUint64Array): void;
  close(): Promise<void>;
  /** Idempotent; for the process's exit handler. */
  closeSync(): void;
}

export interface NativeAddon {
  describe(): NativeDescription;
  createSwitch(): NativeSwitch;
}
