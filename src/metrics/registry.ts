import { collectDefaultMetrics, Registry } from 'prom-client';
import type { CounterSnapshot } from '../model/usage.js';
import { billMetrics } from './bills.js';
import { conntrackMetrics } from './conntrack.js';
import { exportMetrics } from './export.js';
import { flowMetrics } from './flows.js';
import { ledgerMetrics } from './ledger.js';
import { pluginMetrics } from './plugins.js';
import { portMetrics } from './ports.js';
import type { MetricsSource } from './source.js';
import { stockMetrics } from './stock.js';
import { tableMetrics } from './tables.js';
import { tenantMetrics } from './tenants.js';
import { workerMetrics } from './workers.js';

/** The switch's metrics in Prometheus' text format. */
export interface Metrics {
  readonly contentType: string;
  /** Pulls every metric. All groups of one text show the same reading of the counters. */
  text(): Promise<string>;
  close(): void;
}

const groups = [
  tenantMetrics,
  portMetrics,
  workerMetrics,
  flowMetrics,
  tableMetrics,
  stockMetrics,
  conntrackMetrics,
  ledgerMetrics,
  billMetrics,
  exportMetrics,
  pluginMetrics,
] as const;

export function createMetrics(source: MetricsSource): Metrics {
  const registry = new Registry();
  let reading: CounterSnapshot | undefined;
  let connections: ReturnType<MetricsSource['conntrack']> | undefined;
  const once: MetricsSource = {
    snapshot: () => (reading ??= source.snapshot()),
    upkeepOf: (slot) => source.upkeepOf(slot),
    tenants: () => source.tenants(),
    ports: () => source.ports(),
    flows: () => source.flows(),
    tables: () => source.tables(),
    groups: () => source.groups(),
    meters: () => source.meters(),
    conntrack: () => (connections ??= source.conntrack()),
    ledger: () => source.ledger(),
    export: () => source.export(),
    plugins: () => source.plugins(),
    bills: () => source.bills(),
    version: source.version,
    dpdkVersion: source.dpdkVersion,
  };
  for (const group of groups) group(registry, once);
  // A hundred wake-ups a second, as it looks at the event loop by default, are more than all else that an idle control thread does.
  collectDefaultMetrics({ register: registry, prefix: 'vswitch_', eventLoopMonitoringPrecision: 1000 });
  return {
    contentType: registry.contentType,
    text: async () => {
      reading = undefined;
      connections = undefined;
      return registry.metrics();
    },
    close: () => registry.clear(),
  };
}
