import { Counter, Gauge, type Registry } from 'prom-client';
import { ledgerFaults } from '../model/usage-record.js';
import type { LedgerMetrics, MetricsSource } from './source.js';

const gauges: readonly (readonly [name: string, help: string, of: (ledger: LedgerMetrics) => number])[] = [
  ['sequence', 'Sequence number of the last record of the usage ledger', ({ position }) => position?.sequence ?? 0],
  ['bytes', 'Size of the usage ledger', ({ position }) => position?.bytes ?? 0],
  ['pending_seconds', 'Time since the last interval that is in the usage ledger', ({ pendingMs }) => pendingMs / 1000],
];

/** The usage ledger; nothing where none is kept. */
export function ledgerMetrics(registry: Registry, source: MetricsSource): void {
  for (const [name, help, of] of gauges) {
    new Gauge({
      name: `vswitch_ledger_${name}`,
      help,
      registers: [registry],
      collect() {
        const ledger = source.ledger();
        if (ledger) this.set(of(ledger));
      },
    });
  }
  new Counter({
    name: 'vswitch_ledger_failures_total',
    help: 'Intervals that could not be written to the usage ledger when they ended, by why; they are part of the next one',
    labelNames: ['fault'],
    registers: [registry],
    collect() {
      this.reset();
      const ledger = source.ledger();
      if (ledger) for (const fault of ledgerFaults) this.inc({ fault }, ledger.failures.get(fault) ?? 0);
    },
  });
  new Counter({
    name: 'vswitch_clock_jumps_total',
    help: 'Intervals in which the wall clock jumped',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(source.ledger()?.clockJumps ?? 0);
    },
  });
}
