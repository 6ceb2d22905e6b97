import { Counter, Gauge, type Registry } from 'prom-client';
import { exportFaults, type ExportStatus } from '../export/exporter.js';
import type { MetricsSource } from './source.js';

const counters: readonly (readonly [name: string, help: string, of: (status: ExportStatus) => number])[] = [
  ['events', 'Events that the receiver of usage has taken', ({ events }) => events],
  ['missed_records', 'Records that were dropped by retention before they could be exported', ({ missed }) => missed],
];

/** The export of usage; nothing where there is none. */
export function exportMetrics(registry: Registry, source: MetricsSource): void {
  for (const [name, help, of] of counters) {
    new Counter({
      name: `vswitch_export_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        const status = source.export();
        if (status) this.inc(of(status));
      },
    });
  }
  new Counter({
    name: 'vswitch_export_failures_total',
    help: 'Batches of usage that were not taken, by why; they are sent again',
    labelNames: ['fault'],
    registers: [registry],
    collect() {
      this.reset();
      const status = source.export();
      if (status) for (const fault of exportFaults) this.inc({ fault }, status.failures.get(fault) ?? 0);
    },
  });
  new Gauge({
    name: 'vswitch_export_lag_records',
    help: 'Records at the end of the usage ledger that the receiver does not have yet',
    registers: [registry],
    collect() {
      const [status, ledger] = [source.export(), source.ledger()];
      if (status) this.set(Math.max(0, (ledger?.position?.sequence ?? 0) - status.position));
    },
  });
  new Gauge({
    name: 'vswitch_export_last_success_timestamp_seconds',
    help: 'When the receiver last had everything or took a batch; 0 before the first time',
    registers: [registry],
    collect() {
      const status = source.export();
      if (status) this.set((status.lastSuccessMs ?? 0) / 1000);
    },
  });
}
