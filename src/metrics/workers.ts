import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

const kinds = ['busy', 'idle', 'overhead', 'stolen'] as const;
const events = [
  ['polls', 'Times that the worker looked at its queues', 'polls'],
  ['empty_polls', 'Times that the worker found no packet', 'emptyPolls'],
  ['sleeps', 'Times that the worker slept since there was nothing to do', 'sleeps'],
] as const;

/** Where each worker's cycles went: busy + idle + overhead + stolen = elapsed. */
export function workerMetrics(registry: Registry, source: MetricsSource): void {
  new Counter({
    name: 'vswitch_worker_cycles_total',
    help: 'TSC cycles of the worker, by kind: busy (packets), idle, overhead (housekeeping), stolen (did not run)',
    labelNames: ['worker', 'core', 'kind'],
    registers: [registry],
    collect() {
      this.reset();
      source.snapshot().workers.forEach((counters, worker) => {
        for (const kind of kinds) this.inc({ worker, core: counters.core, kind }, Number(counters[kind]));
      });
    },
  });
  for (const [name, help, key] of events) {
    new Counter({
      name: `vswitch_worker_${name}_total`,
      help,
      labelNames: ['worker', 'core'],
      registers: [registry],
      collect() {
        this.reset();
        source.snapshot().workers.forEach((counters, worker) => {
          this.inc({ worker, core: counters.core }, Number(counters[key]));
        });
      },
    });
  }
  new Gauge({
    name: 'vswitch_tsc_hertz',
    help: 'TSC cycles per second',
    registers: [registry],
    collect() {
      this.set(Number(source.snapshot().tscHz));
    },
  });
}
