import { Counter, Gauge, type Registry } from 'prom-client';
import { pluginStates } from '../model/plugin.js';
import type { MetricsSource } from './source.js';

/** What the plugins of tenants do, and what they cost. */
export function pluginMetrics(registry: Registry, source: MetricsSource): void {
  const registers = [registry];
  const hostCounter = (name: string, help: string, value: (host: PluginHostMetrics) => number): void => {
    new Counter({
      name,
      help,
      labelNames: ['tenant'],
      registers,
      collect() {
        this.reset();
        for (const host of source.plugins()) this.inc({ tenant: host.tenant }, value(host));
      },
    });
  };
  hostCounter('vswitch_plugin_cpu_seconds_total', "CPU time of the process of a tenant's plugins", ({ cpuMs }) => cpuMs / 1000);
  hostCounter('vswitch_plugin_punted_packets_total', "Packets that went to a tenant's plugins", ({ punt }) =>
    Number(punt.punted),
  );
  hostCounter('vswitch_plugin_punted_bytes_total', 'Bytes of these', ({ punt }) => Number(punt.puntedBytes));
  hostCounter('vswitch_plugin_resumed_packets_total', "Packets that plugins sent through the tenant's tables", ({ punt }) =>
    Number(punt.resumed),
  );
  hostCounter('vswitch_plugin_output_packets_total', "Packets that plugins sent out of the tenant's ports", ({ punt }) =>
    Number(punt.output),
  );
  hostCounter('vswitch_plugin_refused_packets_total', 'Packets of plugins that were lost for what they asked', ({ punt }) =>
    Number(punt.refused),
  );
  new Gauge({
    name: 'vswitch_plugin_resident_bytes',
    help: "Resident memory of the process of a tenant's plugins",
    labelNames: ['tenant'],
    registers,
    collect() {
      this.reset();
      for (const { tenant, residentBytes } of source.plugins()) this.set({ tenant }, residentBytes);
    },
  });
  new Gauge({
    name: 'vswitch_plugin_state',
    help: '1 for the state in which a plugin is, 0 for the others',
    labelNames: ['tenant', 'plugin', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { tenant, plugins } of source.plugins())
        for (const { name, state } of plugins)
          for (const one of pluginStates) this.set({ tenant, plugin: name, state: one }, one === state ? 1 : 0);
    },
  });
  const pluginCounter = (name: string, help: string, value: (plugin: PluginHostMetrics['plugins'][number]) => number): void => {
    new Counter({
      name,
      help,
      labelNames: ['tenant', 'plugin'],
      registers,
      collect() {
        this.reset();
        for (const { tenant, plugins } of source.plugins())
          for (const plugin of plugins) this.inc({ tenant, plugin: plugin.name }, value(plugin));
      },
    });
  };
  pluginCounter(
    'vswitch_plugin_restarts_total',
    'Processes that were started because a plugin failed',
    ({ restarts }) => restarts,
  );
  pluginCounter('vswitch_plugin_handled_packets_total', "Packets that a plugin's handlers got", ({ handled }) => handled);
  pluginCounter('vswitch_plugin_errors_total', "Errors that a plugin's callbacks threw", ({ errors }) => errors);
  new Gauge({
    name: 'vswitch_plugin_value',
    help: 'What a plugin counts or shows by itself',
    labelNames: ['tenant', 'plugin', 'metric'],
    registers,
    collect() {
      this.reset();
      for (const { tenant, plugins } of source.plugins())
        for (const { name, metrics } of plugins)
          for (const metric of metrics) this.set({ tenant, plugin: name, metric: metric.name }, metric.value);
    },
  });
}

type PluginHostMetrics = ReturnType<MetricsSource['plugins']>[number];
