import { dropReasons, type DropReason } from '../model/drop.js';
import {
  totalCycles,
  type CounterSnapshot,
  type PortCounters,
  type TenantCounters,
  type WorkerCounters,
} from '../model/usage.js';

export interface TrafficRates {
  readonly rxPacketsPerS: number;
  readonly rxBitsPerS: number;
  readonly txPacketsPerS: number;
  readonly txBitsPerS: number;
}

export interface TenantRates extends TrafficRates {
  /** TSC cycles of a received packet; 0 where there was none. */
  readonly cyclesPerPacket: number;
  /** Cores that the tenant kept busy: 0.5 is half a core. */
  readonly coreShare: number;
  readonly dropsPerS: Readonly<Record<DropReason, number>>;
}

/** Shares of a worker's elapsed cycles. */
export interface WorkerShares {
  readonly busy: number;
  readonly idle: number;
  readonly overhead: number;
  readonly stolen: number;
}

export interface Rates {
  readonly intervalMs: number;
  /** By slot. */
  readonly tenants: readonly TenantRates[];
  /** By port number. */
  readonly ports: readonly TrafficRates[];
  readonly workers: readonly WorkerShares[];
  /** See conservationError. */
  readonly conservationError: number;
}

/** What happened between two readings of one switch, `a` the earlier; all 0 where no time passed. */
export function ratesBetween(a: CounterSnapshot, b: CounterSnapshot): Rates {
  const intervalMs = Math.max(0, b.atMs - a.atMs);
  const seconds = intervalMs / 1000;
  const tscCycles = seconds * Number(b.tscHz);
  return {
    intervalMs,
    tenants: b.tenants.map((now, slot) => tenantRates(a.tenants[slot], now, seconds, tscCycles)),
    ports: b.ports.map((now, number) => trafficRates(a.ports[number], now, seconds)),
    workers: b.workers.map((now, i) => workerShares(a.workers[i], now)),
    conservationError: conservationError(a, b),
  };
}

/** How much a monotonic counter grew; a worker's counters may be read a moment apart, but never run backwards. */
const grown = (before: bigint | undefined, now: bigint): number => Math.max(0, Number(now - (before ?? 0n)));

const per = (amount: number, unit: number): number => (unit > 0 ? amount / unit : 0);

const trafficRates = (before: PortCounters | undefined, now: PortCounters, seconds: number): TrafficRates => ({
  rxPacketsPerS: per(grown(before?.rxPackets, now.rxPackets), seconds),
  rxBitsPerS: per(8 * grown(before?.rxBytes, now.rxBytes), seconds),
  txPacketsPerS: per(grown(before?.txPackets, now.txPackets), seconds),
  txBitsPerS: per(8 * grown(before?.txBytes, now.txBytes), seconds),
});

function tenantRates(before: TenantCounters | undefined, now: TenantCounters, seconds: number, tscCycles: number): TenantRates {
  const cycles = grown(before && totalCycles(before), totalCycles(now));
  const drops = dropReasons.map((reason) => [reason, per(grown(before?.drops[reason], now.drops[reason]), seconds)] as const);
  return {
    ...trafficRates(before, now, seconds),
    cyclesPerPacket: per(cycles, grown(before?.rxPackets, now.rxPackets)),
    coreShare: per(cycles, tscCycles),
    dropsPerS: Object.fromEntries(drops) as Record<DropReason, number>,
  };
}

function workerShares(before: WorkerCounters | undefined, now: WorkerCounters): WorkerShares {
  const elapsed = grown(before?.elapsed, now.elapsed);
  const share = (key: keyof WorkerShares): number => per(grown(before?.[key], now[key]), elapsed);
  return { busy: share('busy'), idle: share('idle'), overhead: share('overhead'), stolen: share('stolen') };
}

/**
 * How far the cycles of all workers in an interval are from adding up, as a share of the elapsed ones: the greater of what busy, idle,
 * overhead and stolen leave over, and of the difference between busy and what was charged to tenants and the uplink.
 */
export function conservationError(a: CounterSnapshot, b: CounterSnapshot): number {
  const sum = (of: (counters: WorkerCounters) => bigint): bigint => total(b.workers.map(of)) - total(a.workers.map(of));
  const elapsed = sum((worker) => worker.elapsed);
  if (elapsed <= 0n) return 0;
  const unexplained = elapsed - sum((worker) => worker.busy + worker.idle + worker.overhead + worker.stolen);
  const charged = total(b.tenants.map(totalCycles)) - total(a.tenants.map(totalCycles));
  const uncharged = sum((worker) => worker.busy) - charged;
  return Math.max(Math.abs(Number(unexplained)), Math.abs(Number(uncharged))) / Number(elapsed);
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
