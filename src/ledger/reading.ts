import { dropReasons } from '../model/drop.js';
import type { RecordCounters, RecordKind } from '../model/usage-record.js';
import { stages, totalCycles, type CounterSnapshot, type TenantCounters, type WorkerCounters } from '../model/usage.js';

export interface Subject {
  readonly kind: Extract<RecordKind, 'tenant' | 'uplink' | 'instance'>;
  readonly tenant: string | null;
  readonly counters: RecordCounters;
}

/** Every counter of a switch at a moment, as it grew since the switch started. */
export interface Reading {
  /** By the monotonic clock. */
  readonly atMs: number;
  readonly wallMs: number;
  readonly tscHz: bigint;
  /** The uplink first, then the tenants by slot, then the instance. */
  readonly subjects: readonly Subject[];
}

/** What an interval's records are made of. */
export interface IntervalReport {
  /** From 1 in each process; of two reports of a process the greater is the later. */
  readonly interval: number;
  /** The last interval of this process that is in the ledger, as the process knows. */
  readonly after: number;
  readonly fromWallMs: number;
  readonly wallMs: number;
  readonly durationMs: number;
  readonly tscHz: bigint;
  /** Intervals before it could not be written, and are part of it. */
  readonly late: boolean;
  readonly subjects: readonly Subject[];
}

/**
 * A reading from the data plane's counters.
 * @param tenants without slot 0.
 * @param further counters of a slot that something else keeps, likewise since the start.
 */
export function readingOf(
  snapshot: CounterSnapshot,
  tenants: readonly { readonly slot: number; readonly name: string }[],
  further: (slot: number) => RecordCounters,
  wallMs: number,
): Reading {
  const countersOf = (slot: number): RecordCounters => ({ ...tenantCounters(snapshot.tenants[slot]), ...further(slot) });
  return {
    atMs: snapshot.atMs,
    wallMs,
    tscHz: snapshot.tscHz,
    subjects: [
      { kind: 'uplink', tenant: null, counters: countersOf(0) },
      ...tenants.map(({ slot, name }): Subject => ({ kind: 'tenant', tenant: name, counters: countersOf(slot) })),
      { kind: 'instance', tenant: null, counters: workerCounters(snapshot) },
    ],
  };
}

function tenantCounters(counters: TenantCounters | undefined): Record<string, bigint> {
  if (!counters) return {};
  return {
    rx_packets: counters.rxPackets,
    rx_bytes: counters.rxBytes,
    tx_packets: counters.txPackets,
    tx_bytes: counters.txBytes,
    ...Object.fromEntries(stages.map((stage) => [`cycles_${stage}`, counters.cycles[stage]])),
    ...Object.fromEntries(dropReasons.map((reason) => [`drop_${reason}`, counters.drops[reason]])),
  };
}

/** Of all workers. `charged` is what tenants and the uplink were charged; it is to be the same as `busy`. */
function workerCounters({ workers, tenants }: CounterSnapshot): Record<string, bigint> {
  const sum = (of: (counters: WorkerCounters) => bigint): bigint => workers.reduce((total, worker) => total + of(worker), 0n);
  return {
    elapsed: sum((worker) => worker.elapsed),
    busy: sum((worker) => worker.busy),
    idle: sum((worker) => worker.idle),
    overhead: sum((worker) => worker.overhead),
    stolen: sum((worker) => worker.stolen),
    charged: tenants.reduce((total, tenant) => total + totalCycles(tenant), 0n),
  };
}

/** What grew between two readings of a process, in an order as `now` has it. */
export function reportBetween(
  base: Reading,
  now: Reading,
  numbers: Pick<IntervalReport, 'interval' | 'after' | 'late'>,
): IntervalReport {
  const before = new Map(base.subjects.map((subject) => [keyOf(subject), subject.counters]));
  return {
    ...numbers,
    fromWallMs: base.wallMs,
    wallMs: now.wallMs,
    durationMs: now.atMs - base.atMs,
    tscHz: now.tscHz,
    subjects: now.subjects.map((subject) => ({ ...subject, counters: grown(before.get(keyOf(subject)) ?? {}, subject) })),
  };
}

const keyOf = ({ kind, tenant }: Subject): string => `${kind} ${tenant ?? ''}`;

function grown(before: RecordCounters, { kind, counters }: Subject): Record<string, bigint> {
  const since = Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, value - (before[name] ?? 0n)]));
  return kind === 'instance' ? { ...since, conservation_error: conservationError(since) } : since;
}

/** Cycles that nobody owns, as in accounting/rates.ts: what does not add up to the elapsed ones, or was busy and not charged. */
function conservationError(cycles: RecordCounters): bigint {
  const of = (name: string): bigint => cycles[name] ?? 0n;
  const unexplained = magnitude(of('elapsed') - of('busy') - of('idle') - of('overhead') - of('stolen'));
  const uncharged = magnitude(of('busy') - of('charged'));
  return unexplained > uncharged ? unexplained : uncharged;
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
