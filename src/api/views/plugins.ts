import type { PluginService } from '../../plugins/service.js';
import type { PluginRecord } from '../../plugins/supervisor/record.js';
import type { TenantPlugins } from '../../plugins/supervisor/tenant.js';
import type { PluginHostView, PluginListView, PluginLogView, PluginView } from '../schemas/plugins.js';

const noPackets = { punted: 0n, puntedBytes: 0n, resumed: 0n, output: 0n, refused: 0n };

/** Plugins as the API shows them. */
export function pluginList(plugins: PluginService, tenant: string): PluginListView {
  const of = plugins.of(tenant);
  if (!of) return { host: null, plugins: [] };
  return { host: hostView(of), plugins: of.records.map((record) => pluginView(of, record)) };
}

export function pluginView(of: TenantPlugins, record: PluginRecord): PluginView {
  const { spec, state, reason, facts, restarts, counts, metrics, onFailure } = record;
  return {
    name: spec.name,
    index: spec.index,
    state,
    reason: reason ?? null,
    version: facts?.version ?? null,
    description: facts?.description ?? '',
    headers: [...(facts?.headers ?? [])],
    onFailure,
    rules: of.rules(record),
    restarts,
    ...counts,
    metrics: Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  };
}

export const pluginLog = ({ lines }: PluginRecord, most: number): PluginLogView => ({
  lines: lines.slice(Math.max(0, lines.length - most)).map(({ at, level, message, fields }) => ({
    at: at.toISOString(),
    level,
    message,
    ...(fields ? { fields: { ...fields } } : {}),
  })),
});

function hostView(of: TenantPlugins): PluginHostView {
  const { cpuMs, residentBytes, throttledMs } = of.usage;
  return { pid: of.pid ?? null, cpuMs, residentBytes, throttledMs, ...(of.punt ?? noPackets) };
}
