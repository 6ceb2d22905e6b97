import { Type } from 'typebox';
import type { UsageReport } from '../../accounting/report.js';
import { dropReasons } from '../../model/drop.js';
import { stages } from '../../model/usage.js';
import { BillLineSchema } from './bill.js';
import { Counter, Money } from './common.js';

const each = <const Names extends readonly string[], T extends ReturnType<typeof Type.Number> | typeof Counter>(
  names: Names,
  schema: T,
) => Type.Object(Object.fromEntries(names.map((name) => [name, schema])) as Record<Names[number], T>);

const trafficRates = {
  rxPacketsPerS: Type.Number(),
  rxBitsPerS: Type.Number(),
  txPacketsPerS: Type.Number(),
  txBitsPerS: Type.Number(),
};
const trafficTotals = { rxPackets: Counter, rxBytes: Counter, txPackets: Counter, txBytes: Counter };

const BillSchema = Type.Object({ currency: Type.String(), lines: Type.Array(BillLineSchema), totalMicro: Money });

const TenantUsageSchema = Type.Object({
  tenant: Type.Union([Type.String(), Type.Null()], { description: 'null: packets of no tenant' }),
  slot: Type.Integer(),
  rates: Type.Object({
    ...trafficRates,
    cyclesPerPacket: Type.Number({ description: 'TSC cycles of a received packet; 0 where there was none' }),
    coreShare: Type.Number({ description: 'cores that the tenant kept busy: 0.5 is half a core' }),
    dropsPerS: each(dropReasons, Type.Number()),
  }),
  totals: Type.Object({ ...trafficTotals, cycles: each(stages, Counter), drops: each(dropReasons, Counter) }),
  upkeep: Type.Object(
    {
      memoryByteSeconds: Counter,
      reservedCoreSeconds: Counter,
      transactions: Counter,
      transactionMicros: Counter,
      pluginCycles: Counter,
    },
    {
      description:
        'beside the cycles: memory of tables and connections; what is guaranteed, used or not; changes of flows, groups and meters that ' +
        'were asked for, and the microseconds in which they were planned; CPU time of plugins, as TSC cycles, which is billed with the others',
    },
  ),
  bill: Type.Union([BillSchema, Type.Null()], {
    description: 'since the switch started, without the minimum; null without pricing, and for no tenant',
  }),
});

const PortUsageSchema = Type.Object({
  port: Type.String(),
  number: Type.Integer(),
  rates: Type.Object(trafficRates),
  totals: Type.Object(trafficTotals),
});

const shares = { busy: Type.Number(), idle: Type.Number(), overhead: Type.Number(), stolen: Type.Number() };
const WorkerUsageSchema = Type.Object({
  worker: Type.Integer(),
  core: Type.Integer(),
  shares: Type.Object(shares, { description: 'of the elapsed cycles; they add up to 1' }),
  totals: Type.Object({
    elapsed: Counter,
    busy: Counter,
    idle: Counter,
    overhead: Counter,
    stolen: Counter,
    polls: Counter,
    emptyPolls: Counter,
    sleeps: Counter,
  }),
});

export const UsageSchema = Type.Object({
  at: Type.String({ description: 'when the counters were read, ISO 8601' }),
  intervalMs: Type.Number({ description: 'what the rates are over' }),
  tscHz: Type.Integer(),
  tenants: Type.Array(TenantUsageSchema),
  ports: Type.Array(PortUsageSchema),
  workers: Type.Array(WorkerUsageSchema),
  conservationError: Type.Number({
    description: 'share of the elapsed cycles that busy, idle, overhead and stolen leave unexplained',
  }),
});

/** In JSON as a client reads it: integers are numbers. */
export type Wire<T> = T extends bigint
  ? number
  : T extends string | number
    ? T
    : T extends readonly (infer U)[]
      ? Wire<U>[]
      : T extends object
        ? { [K in keyof T]: Wire<T[K]> }
        : T;
/** The usage report as a client reads it. */
export type UsageView = Wire<UsageReport>;
