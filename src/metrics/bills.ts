import { Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

/** The running bills, in millionths of the currency's unit. */
export function billMetrics(registry: Registry, source: MetricsSource): void {
  new Gauge({
    name: 'vswitch_tenant_bill_micro',
    help: 'Cost of the tenant’s use since the switch started, in millionths of the currency’s unit, without the minimum',
    labelNames: ['tenant', 'item', 'currency'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { tenant, bill } of source.bills())
        for (const { item, amountMicro } of bill.lines) this.set({ tenant, item, currency: bill.currency }, Number(amountMicro));
    },
  });
}
