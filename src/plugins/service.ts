import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { defaultFirstUid, type PluginConfig, type VswitchConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import type { SwitchEvent } from '../model/event.js';
import { tenantName, tenantOwner } from '../model/ids.js';
import type { PluginMetrics } from '../metrics/source.js';
import type { PluginEvent } from './sdk/events.js';
import { topologyView } from './band/topology-view.js';
import { eventsFor } from './events.js';
import { defaultBudgets, type HostBudgets } from './supervisor/budgets.js';
import { hostCommand, packageFolders, unenforced } from './supervisor/command.js';
import type { PuntWay } from './supervisor/deps.js';
import { findPlugin } from './supervisor/find.js';
import type { PluginRecord, PluginSpec } from './supervisor/record.js';
import type { RuleFlows } from './supervisor/rule-desk.js';
import { StateFolder } from './supervisor/state-folder.js';
import { TenantPlugins } from './supervisor/tenant.js';

export interface PluginServiceDeps {
  readonly flows: RuleFlows;
  openPunt(slot: number, options: { readonly queueBytes: number; readonly packetsPerSecond: number }): Promise<PuntWay>;
  publish(event: SwitchEvent): void;
  readonly log: Logger;
  /** Of this process; not 0: it cannot give plugins a user of their own. */
  readonly uid: number;
}

const noPackets = { punted: 0n, puntedBytes: 0n, resumed: 0n, output: 0n, refused: 0n };

/** The plugins of all tenants. */
export class PluginService {
  readonly #tenants: ReadonlyMap<string, TenantPlugins>;
  readonly #deps: PluginServiceDeps;
  readonly #flowsNear = new Set<string>();
  #topology: RuleFlows['topology'];

  constructor(config: VswitchConfig, deps: PluginServiceDeps) {
    this.#deps = deps;
    this.#topology = deps.flows.topology;
    const entries = Object.entries(config.tenants ?? {});
    this.#tenants = new Map(
      entries.flatMap(([name, { plugins = [] }], i) =>
        plugins.length === 0 ? [] : [[name, this.#supervise(config, name, i + 1, plugins)] as const],
      ),
    );
    const missing = unenforced(deps.uid === 0 ? 0 : undefined);
    if (this.#tenants.size > 0 && missing.length > 0)
      deps.log.warn(`this process is not root: plugins run WITHOUT ${missing.join(' and ')}, and can reach what its user can`);
  }

  /** Whether there are any. */
  get isEmpty(): boolean {
    return this.#tenants.size === 0;
  }

  get tenants(): readonly TenantPlugins[] {
    return [...this.#tenants.values()];
  }

  /** Starts them all; none that fails keeps another from it. */
  async start(): Promise<void> {
    await Promise.all(this.tenants.map((tenant) => tenant.start()));
  }

  of(tenant: string): TenantPlugins | undefined {
    return this.#tenants.get(tenant);
  }

  /** @throws VswitchError PLUGIN_NOT_FOUND */
  find(tenant: string, plugin: string): { readonly of: TenantPlugins; readonly record: PluginRecord } {
    const of = this.#tenants.get(tenant);
    const record = of?.records.find(({ spec }) => spec.name === plugin);
    if (of && record) return { of, record };
    const names = of?.records.map(({ spec }) => spec.name) ?? [];
    const message = `tenant ${tenant} has no plugin ${plugin}`;
    const remedy = names.length === 0 ? 'its config has no plugins' : `there is ${names.join(', ')}`;
    throw new VswitchError('PLUGIN_NOT_FOUND', message, [{ pointer: '/params/plugin', value: plugin, message, remedy }]);
  }

  /** What they do and cost, for the metrics. */
  metrics(): readonly PluginMetrics[] {
    return this.tenants.map((of) => ({
      tenant: of.tenant,
      ...of.usage,
      punt: of.punt ?? noPackets,
      plugins: of.records.map(({ spec, state, restarts, counts, metrics }) => ({
        name: spec.name,
        state,
        restarts,
        handled: counts.handled,
        errors: counts.errors,
        metrics,
      })),
    }));
  }

  /** Tells those whom it concerns. */
  hear(event: SwitchEvent): void {
    for (const tenant of this.tenants) for (const told of eventsFor(event, tenant.tenant, this.#topology)) tenant.hear(told);
  }

  /** Looks at what nobody tells: done every second. */
  async look(): Promise<void> {
    const { topology } = this.#deps.flows;
    const moved = topology !== this.#topology;
    this.#topology = topology;
    for (const one of this.tenants) {
      if (moved) one.hear({ type: 'topology_changed', topology: topologyView(topology, one.tenant) });
      for (const event of this.#flowLimit(one)) one.hear(event);
      await one.checkDisk();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.tenants.map((tenant) => tenant.close()));
  }

  /** Told once, until there are fewer again. */
  #flowLimit({ tenant }: TenantPlugins): PluginEvent[] {
    const { flows } = this.#deps;
    const count = flows.count(tenantOwner(tenant));
    const most = flows.topology.tenantByName.get(tenant)?.maxFlows ?? Infinity;
    const isNear = count >= most * 0.9;
    const wasNear = this.#flowsNear.has(tenant);
    if (isNear) this.#flowsNear.add(tenant);
    else this.#flowsNear.delete(tenant);
    return isNear && !wasNear ? [{ type: 'limit', limit: 'flows', count }] : [];
  }

  #supervise(config: VswitchConfig, name: string, slot: number, plugins: readonly PluginConfig[]): TenantPlugins {
    const { flows, openPunt, publish, log, uid } = this.#deps;
    const { puntQueueKib, ...limits } = config.tenants?.[name]?.pluginHost ?? {};
    const budgets: HostBudgets = {
      ...defaultBudgets,
      ...limits,
      ...(puntQueueKib === undefined ? {} : { puntQueueBytes: puntQueueKib * 1024 }),
    };
    const own = uid === 0 ? (config.plugins?.firstUid ?? defaultFirstUid) + slot - 1 : undefined;
    const tenant = tenantName(name);
    const found = plugins.map(({ name: plugin, path }) => findPlugin(plugin, path));
    const stateDir = join(config.plugins?.stateDir ?? defaultStateDir(config.name, uid), name);
    const state = new StateFolder(stateDir, own, packageFolders());
    const readable = found.flatMap((one) => (typeof one === 'string' ? [] : [one.folder]));
    const { memoryMib, nice } = budgets;
    return new TenantPlugins(
      plugins.map((plugin, index) => specOf(plugin, index, found[index] ?? '')),
      {
        tenant,
        budgets,
        flows,
        state,
        command: () => hostCommand({ memoryMib, nice, readable: [...new Set(readable)], state: state.path, uid: own }),
        openPunt: () => openPunt(slot, { queueBytes: budgets.puntQueueBytes, packetsPerSecond: budgets.puntPacketsPerSecond }),
        topology: () => topologyView(flows.topology, tenant),
        publish,
        log: (level, plugin, message) => log[level]({ tenant: name, ...(plugin === undefined ? {} : { plugin }) }, message),
      },
    );
  }
}

function specOf(
  { name, options, enabled = true, onFailure }: PluginConfig,
  index: number,
  found: ReturnType<typeof findPlugin>,
): PluginSpec {
  const place = typeof found === 'string' ? { file: '', fault: found } : { file: found.file, fault: undefined };
  return { name, index, options: options ?? {}, enabled, onFailure, ...place };
}

/** Where systemd's StateDirectory= is, of root in /var/lib, else of XDG's state. */
function defaultStateDir(name: string, uid: number, env: NodeJS.ProcessEnv = process.env): string {
  const [given] = (env['STATE_DIRECTORY'] ?? '').split(':');
  const state = uid === 0 ? '/var/lib' : (env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'));
  return join(given || join(state, 'mts-vswitch'), `${name}.plugins`);
}
