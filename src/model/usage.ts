import type { DropReason } from './drop.js';

/** Packet stages that cycles are charged to, in the order of the native list (native/meter/counters.h). */
export const stages = ['rx', 'parse', 'steer', 'match', 'act', 'tx'] as const;
export type Stage = (typeof stages)[number];

/** All counters are monotonic since the switch started; readers subtract. Cycles are TSC cycles. */
export interface TenantCounters {
  /** Packets that were this tenant's when received, forwarded or not; bytes without FCS. */
  readonly rxPackets: bigint;
  readonly rxBytes: bigint;
  readonly txPackets: bigint;
  readonly txBytes: bigint;
  readonly cycles: Readonly<Record<Stage, bigint>>;
  readonly drops: Readonly<Record<DropReason, bigint>>;
}

/** What a tenant uses beside the workers' cycles; monotonic since the switch started. */
export interface UpkeepCounters {
  /** Memory of its tables and tracked connections, times the time that it held it. */
  readonly memoryByteSeconds: bigint;
  /** What is guaranteed to it on all workers, used or not. */
  readonly reservedCoreSeconds: bigint;
  /** Changes of its flows, groups and meters that were asked for, refused ones too. */
  readonly transactions: bigint;
  /** Microseconds in which Node's thread planned these. */
  readonly transactionMicros: bigint;
  /** CPU time of its plugins' process, as TSC cycles. */
  readonly pluginCycles: bigint;
}

export interface PortCounters {
  readonly rxPackets: bigint;
  readonly rxBytes: bigint;
  readonly txPackets: bigint;
  readonly txBytes: bigint;
}

/** Conservation: busy + idle + overhead + stolen = elapsed; busy is the sum of the tenants' cycles on this worker. */
export interface WorkerCounters {
  readonly core: number;
  readonly elapsed: bigint;
  readonly busy: bigint;
  readonly idle: bigint;
  readonly overhead: bigint;
  readonly stolen: bigint;
  readonly polls: bigint;
  readonly emptyPolls: bigint;
  readonly sleeps: bigint;
}

/** One reading of every counter of a switch. `tenants[0]` is the uplink: packets that belong to no tenant. */
export interface CounterSnapshot {
  /** TSC cycles per second. */
  readonly tscHz: bigint;
  /** Milliseconds of a monotonic clock at the reading. */
  readonly atMs: number;
  readonly workers: readonly WorkerCounters[];
  /** Indexed by tenant slot. */
  readonly tenants: readonly TenantCounters[];
  /** Indexed by port number. */
  readonly ports: readonly PortCounters[];
}

export const totalCycles = (counters: TenantCounters): bigint => stages.reduce((sum, stage) => sum + counters.cycles[stage], 0n);

export const totalDrops = (counters: TenantCounters): bigint => Object.values(counters.drops).reduce((sum, n) => sum + n, 0n);
