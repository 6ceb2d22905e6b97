import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

const counts = [
  ['packets', 'Packets'],
  ['bytes', 'Bytes, without FCS,'],
] as const;
const colours = ['green', 'yellow', 'red'] as const;

/** Groups and meters, by owner: `operator` or `tenant:NAME`. */
export function stockMetrics(registry: Registry, source: MetricsSource): void {
  for (const kind of ['groups', 'meters'] as const) {
    new Gauge({
      name: `vswitch_${kind}`,
      help: `Installed ${kind}, by owner`,
      labelNames: ['owner'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { owner, count } of source[kind]()) this.set({ owner }, count);
      },
    });
    for (const [name, what] of counts) {
      new Counter({
        name: `vswitch_${kind.slice(0, -1)}_${name}_total`,
        help: `${what} that came to the ${kind} of an owner`,
        labelNames: ['owner'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { owner, counters } of source[kind]()) this.inc({ owner }, Number(counters[name]));
        },
      });
    }
  }
  new Counter({
    name: 'vswitch_meter_colour_packets_total',
    help: 'Packets that came to the meters of an owner, by the colour that they got',
    labelNames: ['owner', 'colour'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { owner, counters } of source.meters())
        for (const colour of colours) this.inc({ owner, colour }, Number(counters[colour]));
    },
  });
}
