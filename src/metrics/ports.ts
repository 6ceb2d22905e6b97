import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsSource } from './source.js';

const traffic = [
  ['rx_packets', 'Packets received from this port', 'rxPackets'],
  ['rx_bytes', 'Bytes received from this port, without FCS', 'rxBytes'],
  ['tx_packets', 'Packets sent to this port', 'txPackets'],
  ['tx_bytes', 'Bytes sent to this port, without FCS', 'txBytes'],
] as const;

/** Traffic and link state of each port. */
export function portMetrics(registry: Registry, source: MetricsSource): void {
  for (const [name, help, key] of traffic) {
    new Counter({
      name: `vswitch_port_${name}_total`,
      help,
      labelNames: ['port'],
      registers: [registry],
      collect() {
        this.reset();
        const { ports } = source.snapshot();
        for (const { number, name: port } of source.ports()) this.inc({ port }, Number(ports[number]?.[key] ?? 0n));
      },
    });
  }
  new Gauge({
    name: 'vswitch_port_link_up',
    help: '1 where the link was up when it was last looked at',
    labelNames: ['port'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name: port, link } of source.ports()) this.set({ port }, link?.up === true ? 1 : 0);
    },
  });
}
