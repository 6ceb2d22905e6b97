import { headerNames, type HeaderName } from '../../model/header.js';
import { isFieldName, type FieldName } from '../../model/match.js';

/** Protocols by the names that people use, and what the parser has to read for them. */
const protocols = {
  ethernet: ['ethernet_addresses', 'ether_type'],
  tcp: ['transport'],
  udp: ['transport'],
  sctp: ['transport'],
  icmp: ['transport'],
  icmpv6: ['transport'],
} as const satisfies Record<string, readonly HeaderName[]>;

/** What a plugin may declare that it looks at. `transport` is TCP, UDP, SCTP and ICMP together. */
export type PluginHeader = HeaderName | keyof typeof protocols;
export const pluginHeaders: readonly PluginHeader[] = [...headerNames, ...(Object.keys(protocols) as (keyof typeof protocols)[])];

/** Which declarations let a field be used: any of them. None: it is in no header. */
const byPrefix: readonly (readonly [RegExp, readonly PluginHeader[]])[] = [
  [/^(in_port|metadata|tunnel_id|ct_)/, []],
  [/^eth_(src|dst)$/, ['ethernet_addresses', 'ethernet']],
  [/^eth_type$/, ['ether_type', 'ethernet', 'arp', 'ipv4', 'ipv6']],
  [/^vlan_/, ['vlan']],
  [/^arp_/, ['arp']],
  [/^ip_/, ['ipv4', 'ipv6']],
  [/^ipv4_/, ['ipv4']],
  [/^ipv6_nd_/, ['neighbour']],
  [/^ipv6_exthdr$/, ['extensions']],
  [/^ipv6_/, ['ipv6']],
  [/^tcp_/, ['tcp', 'transport']],
  [/^udp_/, ['udp', 'transport']],
  [/^sctp_/, ['sctp', 'transport']],
  [/^icmpv4_/, ['icmp', 'transport']],
  [/^icmpv6_/, ['icmpv6', 'transport']],
];

export const headersOfField = (field: FieldName): readonly PluginHeader[] =>
  byPrefix.find(([pattern]) => pattern.test(field))?.[1] ?? [];

/** The parser's headers that a plugin's declaration comes to, in the parser's order. */
export function parsedHeaders(declared: readonly PluginHeader[]): readonly HeaderName[] {
  const all = new Set<string>(
    declared.flatMap((name) => (name in protocols ? protocols[name as keyof typeof protocols] : [name])),
  );
  return headerNames.filter((name) => all.has(name));
}

/** The headers of which one would have to be declared for the field; undefined where it may be used. */
export function undeclared(field: string, declared: readonly PluginHeader[]): readonly PluginHeader[] | undefined {
  if (!isFieldName(field)) return undefined;
  const any = headersOfField(field);
  return any.length === 0 || any.some((name) => declared.includes(name)) ? undefined : any;
}
