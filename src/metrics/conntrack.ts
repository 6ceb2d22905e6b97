import { Counter, Gauge, type Registry } from 'prom-client';
import type { CtCounter } from '../model/conntrack.js';
import type { MetricsSource } from './source.js';

const gauges = [
  ['entries', 'Connections that are tracked'],
  ['half_open', 'Connections without a TCP handshake or a reply'],
] as const;

/** Counters that one metric tells apart by a label. */
const families = [
  {
    name: 'vswitch_conntrack_ended_total',
    help: 'Connections that are gone, by how',
    label: 'how',
    of: { expired: 'expired', closed: 'closed', evicted: 'evicted', flushed: 'flushed' },
  },
  {
    name: 'vswitch_conntrack_refused_total',
    help: 'Packets that were dropped because their connection could not be made or found',
    label: 'cause',
    of: {
      table_full: 'table_full',
      tenant_full: 'tenant_full',
      zone_full: 'zone_full',
      rate_exceeded: 'rate_exceeded',
      nat_exhausted: 'nat_exhausted',
      fragments_dropped: 'fragment',
    },
  },
  {
    name: 'vswitch_conntrack_invalid_total',
    help: 'Packets that are no part of a connection as they are',
    label: 'cause',
    of: {
      invalid_flags: 'flags',
      invalid_no_connection: 'no_connection',
      invalid_window: 'window',
      invalid_header: 'header',
      invalid_related_unknown: 'related_unknown',
    },
  },
] as const satisfies readonly {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly of: Partial<Record<CtCounter, string>>;
}[];

/** Connections, by tenant. */
export function conntrackMetrics(registry: Registry, source: MetricsSource): void {
  for (const [name, help] of gauges) {
    new Gauge({
      name: `vswitch_conntrack_${name}`,
      help,
      labelNames: ['tenant'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { tenant, counters } of source.conntrack()) this.set({ tenant }, Number(counters[name]));
      },
    });
  }
  new Counter({
    name: 'vswitch_conntrack_created_total',
    help: 'Connections that were made',
    labelNames: ['tenant'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { tenant, counters } of source.conntrack()) this.inc({ tenant }, Number(counters.created));
    },
  });
  for (const { name, help, label, of } of families) {
    const words = Object.entries(of) as [CtCounter, string][];
    new Counter({
      name,
      help,
      labelNames: ['tenant', label],
      registers: [registry],
      collect() {
        this.reset();
        for (const { tenant, counters } of source.conntrack())
          for (const [counter, word] of words) this.inc({ tenant, [label]: word }, Number(counters[counter]));
      },
    });
  }
}
