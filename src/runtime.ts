import type { Logger } from 'pino';
import { systemClock } from './accounting/clock.js';
import { ctEvents } from './accounting/ct-watch.js';
import { defaultIntervalMs, Sampler } from './accounting/sampler.js';
import { Shares } from './accounting/shares.js';
import { Upkeep } from './accounting/upkeep.js';
import { Window } from './accounting/window.js';
import type { ApiContext } from './api/context.js';
import { EventHub } from './api/events.js';
import { claimSocket, listenOnSocket, listenOnTcp } from './api/listen.js';
import { buildApi } from './api/server.js';
import { defaultSocket } from './api/socket-path.js';
import { ConntrackService } from './api/views/conntrack.js';
import { LedgerViews } from './api/views/ledger.js';
import { parserView } from './api/views/parser.js';
import { tableDetails, tableViews } from './api/views/tables.js';
import { tenantViews } from './api/views/tenants.js';
import { traceView } from './api/views/trace.js';
import { resolveTopology } from './config/resolve.js';
import type { VswitchConfig } from './config/schema.js';
import { startExport } from './export/start.js';
import { FlowTable } from './flow/flow-table.js';
import { Expiry } from './flow/expiry.js';
import { initialFlows } from './flow/initial.js';
import { rulePort } from './flow/installer.js';
import { flowRemoved } from './flow/removed.js';
import { formatGroup } from './flow/syntax/group-text.js';
import { formatFlow } from './flow/syntax/text.js';
import { withPorts, type Topology } from './flow/topology.js';
import type { AskLedger } from './ledger/bill-source.js';
import { ledgerOptions } from './ledger/options.js';
import { LedgerService } from './ledger/service.js';
import { Tariffs } from './ledger/tariffs.js';
import { UsageReader } from './ledger/usage-reader.js';
import { createMetrics } from './metrics/registry.js';
import { metricsSource } from './metrics/source.js';
import type { PluginService } from './plugins/service.js';
import { startPlugins } from './plugins/start.js';
import { LinkWatch } from './ports/link-watch.js';
import { PortService } from './ports/port-service.js';
import { openPorts } from './ports/open-ports.js';
import { topologyPort } from './ports/port-set.js';
import { Billing } from './pricing/billing.js';
import { loadAddon } from './switch/binding.js';
import type { NativeAddon } from './switch/native.js';
import { conntrackLimits } from './switch/conntrack-limits.js';
import { installLimits, switchOptions } from './switch/options.js';
import { Switch } from './switch/switch.js';
import type { DataPlane } from './switch/types.js';
import { Teardown } from './teardown.js';
import { packageVersion } from './version.js';

export interface RuntimeDeps {
  readonly log: Logger;
  /** Tests give a fake. */
  readonly addonLoader?: () => NativeAddon;
}

/** A running switch. */
export interface Runtime {
  /** Where its API listens. */
  readonly socket: string;
  /** Stops the API, then the workers, ports and DPDK. Idempotent. */
  close(): Promise<void>;
  /** For the process's exit handler: ends the data plane at once. */
  closeSync(): void;
}

/** Links and device counters are looked at this often. */
const linkIntervalMs = 1000;
/** So often at most it is told that a limit of connections is reached. */
const ctIntervalMs = 1000;
/** So often it is looked what memory tenants hold; an interval of the ledger ends with a look. */
const upkeepIntervalMs = 1000;
/** So often it is looked whether the ledger has the tariffs: it may have been begun anew. */
const tariffIntervalMs = 60_000;

/**
 * Starts a switch as its config says: data plane, ports, flows, then the API. The API answers when packets are forwarded.
 * @param config checked (flow/check-file.ts).
 * @throws VswitchError SOCKET_IN_USE, LEDGER_IN_USE, LEDGER_UNREADABLE, NATIVE_MISSING, EAL_FAILED, PORT_FAILED, FLOW_INVALID; what was started is ended again.
 */
export async function startVswitch(config: VswitchConfig, { log, addonLoader = loadAddon }: RuntimeDeps): Promise<Runtime> {
  const teardown = new Teardown((step, err) => log.error({ step, err }, 'closing failed'));
  try {
    const socket = config.api?.socket ?? defaultSocket(config.name);
    await claimSocket(socket); // Before any device is touched: whoever serves there has them.
    const ledger = await takeLedger(config, teardown);
    const dataPlane = await Switch.start(addonLoader(), switchOptions(config));
    teardown.add('data plane', () => dataPlane.close());
    log.info({ dpdk: dataPlane.dpdkVersion, hugepages: dataPlane.hugepages, cores: config.workers.cores }, 'the data plane runs');
    const context = await assemble(config, dataPlane, ledger, log, teardown);
    await serve(config, context, socket, log, teardown);
    log.info({ socket, ports: context.ports.list().length, flows: context.flows.list().length }, 'the switch is ready');
    return { socket, close: () => teardown.run(), closeSync: () => dataPlane.closeSync() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** The usage ledger, before any device is touched; undefined where the config keeps none. */
async function takeLedger(config: VswitchConfig, teardown: Teardown): Promise<LedgerService | undefined> {
  const options = ledgerOptions(config);
  if (!options) return undefined;
  const ledger = await LedgerService.open(options);
  teardown.add('ledger file', () => ledger.stop());
  return ledger;
}

/** Ports, flows, accounting and metrics on a data plane that runs. */
async function assemble(
  config: VswitchConfig,
  dataPlane: Switch,
  ledger: LedgerService | undefined,
  log: Logger,
  teardown: Teardown,
): Promise<ApiContext> {
  const planned = resolveTopology(config);
  const events = new EventHub();
  let plugins: PluginService | undefined = undefined; // it begins when its flows can be installed
  const ports = await openPorts(config, planned, dataPlane, config.onPortError ?? 'refuse', (event) => events.publish(event));
  teardown.every(linkIntervalMs, () => ports.refresh());

  const tenants = planned.tenants.map(({ slot, name }) => ({ slot, name }));
  const now = (): number => performance.now();
  const shares = new Shares(config, dataPlane, now);
  const nameOf = new Map(tenants.map(({ slot, name }) => [slot, name]));
  const pluginCpuMs = (slot: number): number => plugins?.of(nameOf.get(slot) ?? '')?.usage.cpuMs ?? 0;
  const upkeep = new Upkeep({ dataPlane, tenants, shares, pluginCpuMs, now });
  teardown.every(upkeepIntervalMs, () => upkeep.look());
  const topology = withPorts(planned, ports.list().map(topologyPort));
  const flows = await assembleFlows(config, topology, dataPlane, upkeep, events, log, teardown);

  const snapshot = () => dataPlane.snapshot();
  const ask: AskLedger | undefined = ledger && ((request) => ledger.bill(request));
  const tariffs = new Tariffs(config, ask, Date.now());
  const sampler = new Sampler({
    snapshot,
    names: () => ({ tenants, ports: ports.list() }),
    upkeepOf: (slot) => upkeep.of(slot),
    tariffAt: (tenant, atMs) => tariffs.at(tenant, atMs),
  });
  sampler.start();
  teardown.add('sampler', () => sampler.stop());
  if (ledger) {
    const usage = new UsageReader(dataPlane, tenants, upkeep);
    ledger.start({ read: () => usage.read(), publish: (event) => events.publish(event), log });
    teardown.add('ledger', () => ledger.stop());
    const record = () => tariffs.read().catch((err: unknown) => log.error({ err }, 'the tariffs could not be recorded'));
    await record();
    teardown.every(tariffIntervalMs, record);
  }
  const exported = config.accounting?.export;
  const exporter = ask && exported && startExport(exported, ask, log);
  teardown.add('export', () => exporter?.stop());
  const { dpdkVersion, hugepages, tscHz } = dataPlane;
  const tableWindow = new Window({ read: () => dataPlane.tableSnapshot(), clock: systemClock, intervalMs: defaultIntervalMs });
  tableWindow.start();
  teardown.add('table counters', async () => tableWindow.stop());
  const tables = () => {
    const { before, now } = tableWindow.look();
    return tableViews(flows.tables(), before, now, nameOf);
  };
  const conntrack = await assembleConntrack(config, dataPlane, tenants, events, teardown);
  const ctCounters = () => dataPlane.conntrack.counters();
  plugins = await startPlugins(config, { dataPlane, flows, events, log, teardown });
  const metrics = createMetrics(
    metricsSource({
      snapshot,
      upkeepOf: (slot) => upkeep.of(slot),
      tenants,
      ports,
      flows,
      tables,
      ctCounters,
      ledger: () => ledger?.status(),
      export: () => exporter?.status(),
      plugins: () => plugins.metrics(),
      usage: () => sampler.report(),
      version: packageVersion,
      dpdkVersion,
    }),
  );
  teardown.add('metrics', () => metrics.close());

  return {
    info: { name: config.name, version: packageVersion, dpdkVersion, hugepages, tscHz, startedAt: new Date() },
    flows,
    textOf: (flow) => formatFlow(flow, flows.topology),
    textOfGroup: (group) => formatGroup(group, flows.topology),
    ports: new PortService({
      ports,
      flows: () => flows.list(),
      reroute: (open) => flows.setTopology(withPorts(flows.topology, open.map(topologyPort))),
    }),
    tenants: () => tenantViews(flows),
    tables,
    tableDetails: async () => tableDetails(tables(), await dataPlane.tableReports(), switchOptions(config).tableMib * 2 ** 20),
    parser: async () => parserView(flows, await dataPlane.parserPlan()),
    trace: (request) => traceView(request, dataPlane, flows),
    conntrack,
    shares,
    usage: () => sampler.report(),
    billing: tariffs.source && new Billing(tariffs.source),
    ledger: new LedgerViews(ledger),
    plugins,
    metrics,
    events,
  };
}

/** Limits of zones, and events where a limit is reached. */
async function assembleConntrack(
  config: VswitchConfig,
  { conntrack }: DataPlane,
  tenants: readonly { readonly slot: number; readonly name: string }[],
  events: EventHub,
  teardown: Teardown,
): Promise<ConntrackService> {
  const limits = conntrackLimits(config);
  for (const [slot, { zones }] of limits.entries())
    for (const { zone, entries, newPerSecond } of zones) await conntrack.limitZone(slot, zone, entries, newPerSecond);
  const nameOf = new Map(tenants.map(({ slot, name }) => [slot, name]));
  let before = conntrack.counters();
  const look = async (): Promise<void> => {
    const now = conntrack.counters();
    for (const event of ctEvents(before, now, nameOf)) events.publish(event);
    before = now;
  };
  teardown.every(ctIntervalMs, look);
  return new ConntrackService({ conntrack, tenants, limits });
}

/** The flow table with the config's flows, and what makes them time out. */
async function assembleFlows(
  config: VswitchConfig,
  topology: Topology,
  dataPlane: DataPlane,
  upkeep: Upkeep,
  events: EventHub,
  log: Logger,
  teardown: Teardown,
): Promise<FlowTable> {
  const now = (): number => performance.now();
  const flows: FlowTable = new FlowTable({
    topology,
    limits: installLimits(config),
    ...rulePort(dataPlane, now),
    apply: async (transactions) => {
      const applied = await dataPlane.apply(transactions);
      for (const generation of applied.generations) events.publish({ type: 'flows', generation });
      return applied;
    },
    removed: (removed) => {
      if (events.heard) for (const one of removed) events.publish(flowRemoved(one, flows.topology));
    },
    changed: () => {
      expiry.wake();
      links.wake();
    },
    planned: (owner, transactions, ms) => upkeep.planned(owner, transactions, ms),
  });
  const after = (ms: number, work: () => void): (() => void) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  };
  const expiry: Expiry = new Expiry({
    flows,
    now,
    after,
    onError: (err) => log.error({ err }, 'flows whose time has come could not be removed'),
  });
  teardown.add('expiry', async () => expiry.stop());
  const links: LinkWatch = new LinkWatch({
    isNeeded: () => !flows.groups.isEmpty,
    look: () => dataPlane.refreshLinks(),
    after,
    onError: (err) => log.error({ err }, 'the links that groups watch could not be looked at'),
  });
  teardown.add('links of groups', () => links.stop());
  await flows.load(initialFlows(config));
  return flows;
}

/** The API on its socket and, where the config says so, on TCP behind a token. */
async function serve(config: VswitchConfig, context: ApiContext, socket: string, log: Logger, teardown: Teardown): Promise<void> {
  const local = await buildApi(context, { log });
  teardown.add('api', () => local.close());
  await listenOnSocket(local, socket);
  const tcp = config.api?.tcp;
  if (tcp) {
    const remote = await buildApi(context, { log, token: tcp.token });
    teardown.add('api over TCP', () => remote.close());
    await listenOnTcp(remote, tcp.port);
  }
  teardown.add('events', () => context.events.close());
}
