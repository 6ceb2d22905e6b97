import { Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

/** How many flows each owner has, the generation they belong to, and which build serves them. */
export function flowMetrics(registry: Registry, source: MetricsSource): void {
  new Gauge({
    name: 'vswitch_flows',
    help: 'Installed flows, by owner: `operator`, `tenant:NAME` or, of a plugin, `tenant:NAME/PLUGIN`',
    labelNames: ['owner'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [owner, count] of source.flows().byOwner) this.set({ owner }, count);
    },
  });
  new Gauge({
    name: 'vswitch_flow_generation',
    help: 'Number of transactions that the data plane has applied',
    registers: [registry],
    collect() {
      this.set(Number(source.flows().generation));
    },
  });
  new Gauge({
    name: 'vswitch_build_info',
    help: 'Always 1; the labels say which build this is',
    labelNames: ['version', 'dpdk', 'node'],
    registers: [registry],
    collect() {
      this.set({ version: source.version, dpdk: source.dpdkVersion, node: process.version }, 1);
    },
  });
}
