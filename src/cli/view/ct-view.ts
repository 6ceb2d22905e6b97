import type { CtConnectionView, CtStatsView } from '../../api/schemas/conntrack.js';
import type { Wire } from '../../api/schemas/usage.js';
import { ctCounters, ctEntryKinds, type CtCounter } from '../../model/conntrack.js';
import { si, table } from '../table.js';

const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6', 132: 'sctp' };

type Ends = CtConnectionView['original'];

export const connectionTable = (connections: readonly CtConnectionView[]): string =>
  table(
    ['TENANT', 'ZONE', 'PROTO', 'STATE', 'ORIGINAL', 'REPLY', 'MARK', 'LABEL', 'GOES IN'],
    connections.map(({ tenant, zone, proto, state, original, reply, mark, label, timeoutMs }) => [
      tenant ?? '-',
      String(zone),
      protocols[proto] ?? String(proto),
      state,
      endsText(original),
      // Without NAT it says nothing new.
      isTurned(original, reply) ? '' : endsText(reply),
      `0x${mark.toString(16)}`,
      label,
      `${Math.ceil(timeoutMs / 1000)} s`,
    ]),
    ['ZONE', 'GOES IN'],
  );

const endsText = ({ src, dst, srcPort, dstPort }: Ends): string => `${endText(src, srcPort)} > ${endText(dst, dstPort)}`;
const endText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const isTurned = (a: Ends, b: Ends): boolean =>
  a.src === b.dst && a.dst === b.src && a.srcPort === b.dstPort && a.dstPort === b.srcPort;

/** Counters with a column of their own; the others are of what went wrong, and are shown where they are not 0. */
const columns: readonly CtCounter[] = ['created', 'expired', 'closed', 'flushed', 'entries', 'half_open'];
const troubles = ctCounters.filter((name) => !columns.includes(name));

const notZero = (counts: readonly (readonly [string, number])[]): string =>
  counts.flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`])).join(', ');

export function statsText({ entries, capacity, memoryBytes, tenants }: Wire<CtStatsView>): string {
  const rows = tenants.map(({ tenant, counters, states, limits }) => [
    tenant ?? '-',
    `${counters.entries}/${limits.entries}`,
    `${counters.half_open}/${limits.halfOpen}`,
    String(counters.created),
    String(counters.expired),
    String(counters.closed),
    String(counters.flushed),
    limits.newPerSecond === 0 ? '-' : String(limits.newPerSecond),
    notZero(ctEntryKinds.map((name) => [name, states[name]])),
    notZero(troubles.map((name) => [name, counters[name]])),
  ]);
  const numbers = ['ENTRIES', 'HALF OPEN', 'created', 'expired', 'closed', 'flushed', 'MOST NEW/S'];
  const head = `${entries} of ${capacity} connections, in ${si(memoryBytes)}B of memory`;
  return `${head}\n${table(['TENANT', ...numbers, 'IN', 'NOT TRACKED'], rows, numbers)}`;
}
