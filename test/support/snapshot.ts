import { dropReasons } from '../../src/model/drop.js';
import {
  stages,
  type CounterSnapshot,
  type PortCounters,
  type TenantCounters,
  type UpkeepCounters,
  type WorkerCounters,
} from '../../src/model/usage.js';

const zeros = <const Names extends readonly string[]>(names: Names) =>
  Object.fromEntries(names.map((name) => [name, 0n])) as Record<Names[number], bigint>;

export const noTraffic: PortCounters = { rxPackets: 0n, rxBytes: 0n, txPackets: 0n, txBytes: 0n };

/** What a tenant used beside cycles, 0 where not given. */
export const upkeepCounters = (some: Partial<UpkeepCounters> = {}): UpkeepCounters => ({
  ...zeros(['memoryByteSeconds', 'reservedCoreSeconds', 'transactions', 'transactionMicros', 'pluginCycles']),
  ...some,
});

/** A tenant's counters, 0 where not given. */
export const tenantCounters = (
  traffic: Partial<PortCounters> = {},
  cycles: Partial<TenantCounters['cycles']> = {},
  drops: Partial<TenantCounters['drops']> = {},
): TenantCounters => ({
  ...noTraffic,
  ...traffic,
  cycles: { ...zeros(stages), ...cycles },
  drops: { ...zeros(dropReasons), ...drops },
});

/** A worker's counters, 0 where not given. */
export const workerCounters = (counters: Partial<WorkerCounters> = {}): WorkerCounters => ({
  core: 0,
  ...zeros(['elapsed', 'busy', 'idle', 'overhead', 'stolen', 'polls', 'emptyPolls', 'sleeps']),
  ...counters,
});

/** A reading of a switch of 1 GHz at `atMs`, without workers, tenants or ports where none are given. */
export const snapshotAt = (atMs: number, counters: Partial<CounterSnapshot> = {}): CounterSnapshot => ({
  tscHz: 1_000_000_000n,
  atMs,
  workers: [],
  tenants: [],
  ports: [],
  ...counters,
});
