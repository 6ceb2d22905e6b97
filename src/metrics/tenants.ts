import { Counter, type Registry } from 'prom-client';
import { dropReasons } from '../model/drop.js';
import { stages, type TenantCounters, type UpkeepCounters } from '../model/usage.js';
import type { MetricsSource } from './source.js';

const traffic = [
  ['rx_packets', 'Packets received that were this tenant’s', 'rxPackets'],
  ['rx_bytes', 'Bytes received that were this tenant’s, without FCS', 'rxBytes'],
  ['tx_packets', 'Packets of this tenant that were sent', 'txPackets'],
  ['tx_bytes', 'Bytes of this tenant that were sent, without FCS', 'txBytes'],
] as const;

const upkeep = [
  [
    'memory_byte_seconds',
    'Memory of the tenant’s tables and tracked connections, times the time that it was held',
    'memoryByteSeconds',
    1,
  ],
  ['reserved_core_seconds', 'What is guaranteed to the tenant on all workers, used or not', 'reservedCoreSeconds', 1],
  ['transactions', 'Changes of the tenant’s flows, groups and meters that were asked for, refused ones too', 'transactions', 1],
  ['transaction_seconds', 'Time in which the tenant’s changes were planned', 'transactionMicros', 1e6],
  ['plugin_cycles', 'CPU time of the tenant’s plugins, as TSC cycles', 'pluginCycles', 1],
] as const satisfies readonly (readonly [string, string, keyof UpkeepCounters, number])[];

/** Packets, bytes, cycles by stage and drops by reason, of each tenant and the uplink; what they use beside cycles. */
export function tenantMetrics(registry: Registry, source: MetricsSource): void {
  const each = (visit: (tenant: string, counters: TenantCounters) => void): void => {
    const { tenants } = source.snapshot();
    for (const { slot, name } of source.tenants()) {
      const counters = tenants[slot];
      if (counters) visit(name, counters);
    }
  };
  const total = (name: string, help: string, collect: (add: (tenant: string, value: number) => void) => void): void => {
    new Counter({
      name: `vswitch_tenant_${name}_total`,
      help,
      labelNames: ['tenant'],
      registers: [registry],
      collect() {
        this.reset();
        collect((tenant, value) => this.inc({ tenant }, value));
      },
    });
  };
  for (const [name, help, key] of traffic)
    total(name, help, (add) => each((tenant, counters) => add(tenant, Number(counters[key]))));
  for (const [name, help, key, unit] of upkeep)
    total(name, help, (add) => {
      for (const { slot, name: tenant } of source.tenants()) add(tenant, Number(source.upkeepOf(slot)[key]) / unit);
    });
  new Counter({
    name: 'vswitch_tenant_cycles_total',
    help: 'TSC cycles that the packets of this tenant took, by stage',
    labelNames: ['tenant', 'stage'],
    registers: [registry],
    collect() {
      this.reset();
      each((tenant, { cycles }) => stages.forEach((stage) => this.inc({ tenant, stage }, Number(cycles[stage]))));
    },
  });
  new Counter({
    name: 'vswitch_tenant_drops_total',
    help: 'Packets of this tenant that were not forwarded, by reason',
    labelNames: ['tenant', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      each((tenant, { drops }) => dropReasons.forEach((reason) => this.inc({ tenant, reason }, Number(drops[reason]))));
    },
  });
}
