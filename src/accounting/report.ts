import type { Bill, Tariff } from '../model/tariff.js';
import type { UsageTotals } from '../model/usage-record.js';
import {
  totalCycles,
  type CounterSnapshot,
  type PortCounters,
  type TenantCounters,
  type UpkeepCounters,
  type WorkerCounters,
} from '../model/usage.js';
import { price } from '../pricing/price.js';
import { ratesBetween, type TenantRates, type TrafficRates, type WorkerShares } from './rates.js';

export interface TenantUsage {
  /** Null: packets of no tenant. */
  readonly tenant: string | null;
  readonly slot: number;
  readonly rates: TenantRates;
  readonly totals: TenantCounters;
  readonly upkeep: UpkeepCounters;
  /** Since the switch started; null without a tariff, and for packets of no tenant. */
  readonly bill: Bill | null;
}

export interface PortUsage {
  readonly port: string;
  readonly number: number;
  readonly rates: TrafficRates;
  readonly totals: PortCounters;
}

export interface WorkerUsage {
  readonly worker: number;
  readonly core: number;
  readonly shares: WorkerShares;
  readonly totals: Omit<WorkerCounters, 'core'>;
}

/** Rates over the last interval, totals since the switch started, and what they cost. */
export interface UsageReport {
  /** ISO 8601. */
  readonly at: string;
  readonly intervalMs: number;
  readonly tscHz: number;
  readonly tenants: readonly TenantUsage[];
  readonly ports: readonly PortUsage[];
  readonly workers: readonly WorkerUsage[];
  readonly conservationError: number;
}

/** Who the counters belong to. */
export interface Names {
  /** Without slot 0. */
  readonly tenants: readonly { readonly slot: number; readonly name: string }[];
  readonly ports: readonly { readonly number: number; readonly name: string }[];
}

/**
 * What a tenant is billed for: the cycles its packets and its plugins took, the packets and bytes that were received from or for it, the memory that it
 * held, and what was reserved for it.
 */
export const usageOf = (counters: TenantCounters, upkeep: UpkeepCounters): UsageTotals => ({
  cycles: totalCycles(counters) + upkeep.pluginCycles,
  bytes: counters.rxBytes,
  packets: counters.rxPackets,
  memoryByteSeconds: upkeep.memoryByteSeconds,
  reservedCoreSeconds: upkeep.reservedCoreSeconds,
});

/** What a report is made of. */
export interface ReportParts {
  readonly before: CounterSnapshot;
  readonly now: CounterSnapshot;
  readonly at: Date;
  readonly names: Names;
  /** Undefined: the tenant is not billed. */
  tariffOf(tenant: string): Tariff | undefined;
  upkeepOf(slot: number): UpkeepCounters;
}

export function reportOf({ before, now, at, names, tariffOf, upkeepOf }: ReportParts): UsageReport {
  const { intervalMs, conservationError, ...rates } = ratesBetween(before, now);
  const slots = [{ slot: 0, name: null }, ...names.tenants];
  return {
    at: at.toISOString(),
    intervalMs,
    tscHz: Number(now.tscHz),
    tenants: slots.flatMap(({ slot, name }) => {
      const [totals, rate] = [now.tenants[slot], rates.tenants[slot]];
      const tariff = name === null ? undefined : tariffOf(name);
      const upkeep = upkeepOf(slot);
      const bill = tariff && totals ? price(usageOf(totals, upkeep), tariff) : null;
      return totals && rate ? [{ tenant: name, slot, rates: rate, totals, upkeep, bill }] : [];
    }),
    ports: names.ports.flatMap(({ number, name }) => {
      const [totals, rate] = [now.ports[number], rates.ports[number]];
      return totals && rate ? [{ port: name, number, rates: rate, totals }] : [];
    }),
    workers: now.workers.flatMap(({ core, ...totals }, worker) => {
      const shares = rates.workers[worker];
      return shares ? [{ worker, core, shares, totals }] : [];
    }),
    conservationError,
  };
}
