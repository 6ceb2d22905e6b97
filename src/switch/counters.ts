import { dropReasons } from '../model/drop.js';
import { stages, type CounterSnapshot, type PortCounters, type TenantCounters, type WorkerCounters } from '../model/usage.js';

/** The layout of NativeSwitch.readCounters; the names are compared with the addon's when it is loaded. */
export const workerCounterNames = [
  'started_tsc',
  'now_tsc',
  'idle',
  'overhead',
  'stolen',
  'polls',
  'empty_polls',
  'sleeps',
] as const;
export const portCounterNames = ['rx_packets', 'rx_bytes', 'tx_packets', 'tx_bytes'] as const;
export const tenantCounterNames: readonly string[] = [
  ...portCounterNames,
  ...stages.map((stage) => `cycles_${stage}`),
  ...dropReasons.map((reason) => `drop_${reason}`),
];

export interface CounterLayout {
  readonly cores: readonly number[];
  readonly tenantSlots: number;
  readonly portSlots: number;
}

const perWorker = ({ tenantSlots, portSlots }: CounterLayout): number =>
  workerCounterNames.length + tenantSlots * tenantCounterNames.length + portSlots * portCounterNames.length;

/** Number of 64-bit counters that readCounters fills. */
export const counterCount = (layout: CounterLayout): number => layout.cores.length * perWorker(layout);

/**
 * Sums the workers' counters, each of which has one writer, into one snapshot. What nobody asks it for is not decoded: most readings
 * are only kept for a while.
 * @param raw stays as it is.
 */
export function decodeCounters(raw: BigUint64Array, layout: CounterLayout, tscHz: bigint, atMs: number): CounterSnapshot {
  const tenantsAt = workerCounterNames.length;
  const portsAt = tenantsAt + layout.tenantSlots * tenantCounterNames.length;
  const bases = layout.cores.map((_, worker) => worker * perWorker(layout));
  const sum = (offset: number): bigint => bases.reduce((total, base) => total + (raw[base + offset] ?? 0n), 0n);
  const workers = once(() => bases.map((base, worker) => workerAt(raw, base, layout, worker)));
  const tenants = once(() =>
    Array.from({ length: layout.tenantSlots }, (_, slot) =>
      tenantAt((i) => sum(tenantsAt + slot * tenantCounterNames.length + i)),
    ),
  );
  const ports = once(() =>
    Array.from({ length: layout.portSlots }, (_, port) => trafficAt((i) => sum(portsAt + port * portCounterNames.length + i))),
  );
  return {
    tscHz,
    atMs,
    get workers() {
      return workers();
    },
    get tenants() {
      return tenants();
    },
    get ports() {
      return ports();
    },
  };
}

/** The value that `make` gives when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function workerAt(raw: BigUint64Array, base: number, layout: CounterLayout, worker: number): WorkerCounters {
  const at = (name: (typeof workerCounterNames)[number]): bigint => raw[base + workerCounterNames.indexOf(name)] ?? 0n;
  let busy = 0n;
  for (let slot = 0; slot < layout.tenantSlots; slot++) {
    const cycles = base + workerCounterNames.length + slot * tenantCounterNames.length + portCounterNames.length;
    for (let stage = 0; stage < stages.length; stage++) busy += raw[cycles + stage] ?? 0n;
  }
  return {
    core: layout.cores[worker] ?? -1,
    elapsed: at('now_tsc') - at('started_tsc'),
    busy,
    idle: at('idle'),
    overhead: at('overhead'),
    stolen: at('stolen'),
    polls: at('polls'),
    emptyPolls: at('empty_polls'),
    sleeps: at('sleeps'),
  };
}

const trafficAt = (at: (i: number) => bigint): PortCounters => ({
  rxPackets: at(0),
  rxBytes: at(1),
  txPackets: at(2),
  txBytes: at(3),
});

function tenantAt(at: (i: number) => bigint): TenantCounters {
  const cyclesAt = portCounterNames.length;
  const dropsAt = cyclesAt + stages.length;
  return {
    ...trafficAt(at),
    cycles: record(stages, (i) => at(cyclesAt + i)),
    drops: record(dropReasons, (i) => at(dropsAt + i)),
  };
}

const record = <const Names extends readonly string[]>(names: Names, at: (i: number) => bigint): Record<Names[number], bigint> =>
  Object.fromEntries(names.map((name, i) => [name, at(i)])) as Record<Names[number], bigint>;

/** Of a meter: packets, bytes, then packets of each colour. */
export const meterCounterNames = ['packets', 'bytes', 'green', 'yellow', 'red'] as const;
/** Of a tenant's plugins: packets and bytes to them; packets from them into the tables, out of a port, and lost. */
export const puntCounterNames = ['punted', 'punted_bytes', 'resumed', 'output', 'refused'] as const;
/** Of a table: packets that it was asked for, those of which it had a rule, those of which matching was timed, and its cycles. */
export const tableCounterNames = ['lookups', 'matches', 'timed', 'cycles'] as const;
