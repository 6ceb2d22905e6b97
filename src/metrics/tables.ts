import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

const counts = [
  ['lookups', 'Packets that were looked up in the table'],
  ['matches', 'Packets of which the table had a rule'],
  ['timed', 'Packets of which the matching in the table was timed'],
  ['cycles', 'TSC cycles of matching those in the table'],
] as const;

/** What each tenant's tables hold, and were asked. */
export function tableMetrics(registry: Registry, source: MetricsSource): void {
  new Gauge({
    name: 'vswitch_table_rules',
    help: 'Rules of all owners in the table',
    labelNames: ['tenant', 'table'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { tenant, table, rules } of source.tables()) this.set({ tenant, table }, rules);
    },
  });
  for (const [name, help] of counts) {
    new Counter({
      name: `vswitch_table_${name}_total`,
      help,
      labelNames: ['tenant', 'table'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { tenant, table, [name]: count } of source.tables()) this.inc({ tenant, table }, Number(count));
      },
    });
  }
}
