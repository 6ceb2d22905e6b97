import type { ExportStatus } from '../export/exporter.js';
import type { StockTotal } from '../flow/stock.js';
import type { KeeperStatus } from '../ledger/keeper.js';
import type { Generation } from '../model/ids.js';
import type { PluginState } from '../model/plugin.js';
import type { PortLink } from '../model/port.js';
import type { Bill } from '../model/tariff.js';
import type { CounterSnapshot, UpkeepCounters } from '../model/usage.js';
import type { CtCounters, MeterCounters, PuntCounters, RuleCounters } from '../switch/types.js';

/** Where the metrics are pulled from, at scrape. Labels are bounded: by the config's tenants and ports, and by lists of the model. */
export interface MetricsSource {
  snapshot(): CounterSnapshot;
  /** What a slot uses beside the workers' cycles. */
  upkeepOf(slot: number): UpkeepCounters;
  /** Names by slot; slot 0 is the uplink. */
  tenants(): readonly { readonly slot: number; readonly name: string }[];
  ports(): readonly { readonly number: number; readonly name: string; readonly link: PortLink | undefined }[];
  flows(): { readonly generation: Generation; readonly byOwner: ReadonlyMap<string, number> };
  /** What each tenant's tables looked up and found; the uplink's too. */
  tables(): readonly TableMetrics[];
  /** By owner, as in `flows`: an id of its own would be a label too many. */
  groups(): readonly StockTotal<RuleCounters>[];
  meters(): readonly StockTotal<MeterCounters>[];
  conntrack(): readonly { readonly tenant: string; readonly counters: CtCounters }[];
  /** Undefined where none is kept. */
  ledger(): LedgerMetrics | undefined;
  /** Undefined where usage is not exported. */
  export(): ExportStatus | undefined;
  /** The tenants' that have any. */
  plugins(): readonly PluginMetrics[];
  /** Of the tenants that have a tariff. */
  bills(): readonly { readonly tenant: string; readonly bill: Bill }[];
  readonly version: string;
  readonly dpdkVersion: string;
}

export type LedgerMetrics = Pick<KeeperStatus, 'position' | 'failures' | 'clockJumps' | 'pendingMs'>;

export interface PluginMetrics {
  readonly tenant: string;
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly punt: PuntCounters;
  readonly plugins: readonly {
    readonly name: string;
    readonly state: PluginState;
    readonly restarts: number;
    readonly handled: number;
    readonly errors: number;
    readonly metrics: readonly { readonly name: string; readonly value: number }[];
  }[];
}

export interface TableMetrics {
  readonly tenant: string;
  readonly table: number;
  readonly rules: number;
  readonly lookups: bigint;
  readonly matches: bigint;
  readonly timed: bigint;
  readonly cycles: bigint;
}

/** The label of packets that belong to no tenant; no tenant can have this name. */
export const uplinkLabel = '(uplink)';

export interface SourceDeps {
  snapshot(): CounterSnapshot;
  upkeepOf(slot: number): UpkeepCounters;
  /** Without the uplink's slot. */
  readonly tenants: readonly { readonly slot: number; readonly name: string }[];
  readonly ports: { list(): readonly { readonly number: number; readonly name: string; readonly link?: PortLink }[] };
  readonly flows: {
    readonly generation: Generation;
    counts(): ReadonlyMap<string, number>;
    readonly groups: { totals(): readonly StockTotal<RuleCounters>[] };
    readonly meters: { totals(): readonly StockTotal<MeterCounters>[] };
  };
  /** By slot. */
  ctCounters(): readonly CtCounters[];
  tables(): readonly (Omit<TableMetrics, 'tenant'> & { readonly tenant: string | null })[];
  ledger(): LedgerMetrics | undefined;
  export(): ExportStatus | undefined;
  plugins(): readonly PluginMetrics[];
  usage(): { readonly tenants: readonly { readonly tenant: string | null; readonly bill: Bill | null }[] };
  readonly version: string;
  readonly dpdkVersion: string;
}

/** The metrics' source over the parts of a running switch. */
export function metricsSource(deps: SourceDeps): MetricsSource {
  const { snapshot, tenants, ports, flows, tables, ctCounters, ledger, usage, version, dpdkVersion } = deps;
  const labelled = [{ slot: 0, name: uplinkLabel }, ...tenants];
  return {
    snapshot,
    upkeepOf: (slot) => deps.upkeepOf(slot),
    tenants: () => labelled,
    ports: () => ports.list().map(({ number, name, link }) => ({ number, name, link })),
    flows: () => ({ generation: flows.generation, byOwner: flows.counts() }),
    tables: () => tables().map(({ tenant, ...table }) => ({ ...table, tenant: tenant ?? uplinkLabel })),
    groups: () => flows.groups.totals(),
    meters: () => flows.meters.totals(),
    conntrack: () => {
      const counters = ctCounters();
      return labelled.flatMap(({ slot, name }) => {
        const own = counters[slot];
        return own ? [{ tenant: name, counters: own }] : [];
      });
    },
    ledger,
    export: () => deps.export(),
    plugins: () => deps.plugins(),
    bills: () => usage().tenants.flatMap(({ tenant, bill }) => (tenant !== null && bill ? [{ tenant, bill }] : [])),
    version,
    dpdkVersion,
  };
}
