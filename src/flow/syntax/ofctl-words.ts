import type { FieldName } from '../../model/match.js';

/** Words of ovs-ofctl(8) that stand for several exact matches. */
export const protocolWords = {
  ip: { eth_type: 0x0800 },
  ipv6: { eth_type: 0x86dd },
  arp: { eth_type: 0x0806 },
  icmp: { eth_type: 0x0800, ip_proto: 1 },
  tcp: { eth_type: 0x0800, ip_proto: 6 },
  udp: { eth_type: 0x0800, ip_proto: 17 },
  icmp6: { eth_type: 0x86dd, ip_proto: 58 },
  tcp6: { eth_type: 0x86dd, ip_proto: 6 },
  udp6: { eth_type: 0x86dd, ip_proto: 17 },
} as const satisfies Readonly<Record<string, { readonly eth_type: number; readonly ip_proto?: number }>>;

/** ovs-ofctl's own names of fields, where one name means one field. */
export const fieldWords: Readonly<Record<string, FieldName>> = {
  dl_src: 'eth_src',
  dl_dst: 'eth_dst',
  dl_type: 'eth_type',
  dl_vlan_pcp: 'vlan_pcp',
  nw_ecn: 'ip_ecn',
};

/** Names whose field depends on the protocol that the flow matches: by eth_type, then ip_proto. */
export const protocolFieldWords: Readonly<
  Record<string, readonly (readonly [ethType: number, ipProto: number | undefined, FieldName])[]>
> = {
  nw_src: [
    [0x0800, undefined, 'ipv4_src'],
    [0x0806, undefined, 'arp_spa'],
  ],
  nw_dst: [
    [0x0800, undefined, 'ipv4_dst'],
    [0x0806, undefined, 'arp_tpa'],
  ],
  nw_proto: [
    [0x0800, undefined, 'ip_proto'],
    [0x86dd, undefined, 'ip_proto'],
    [0x0806, undefined, 'arp_op'],
  ],
  tp_src: transport('tcp_src', 'udp_src', 'icmpv4_type', 'icmpv6_type'),
  tp_dst: transport('tcp_dst', 'udp_dst', 'icmpv4_code', 'icmpv6_code'),
  icmp_type: transport(undefined, undefined, 'icmpv4_type', 'icmpv6_type'),
  icmp_code: transport(undefined, undefined, 'icmpv4_code', 'icmpv6_code'),
};

function transport(
  tcp: FieldName | undefined,
  udp: FieldName | undefined,
  icmp: FieldName,
  icmp6: FieldName,
): (readonly [number, number, FieldName])[] {
  const rows: (readonly [number, number, FieldName | undefined])[] = [
    [0x0800, 6, tcp],
    [0x86dd, 6, tcp],
    [0x0800, 17, udp],
    [0x86dd, 17, udp],
    [0x0800, 1, icmp],
    [0x86dd, 58, icmp6],
  ];
  return rows.flatMap(([ethType, ipProto, field]) => (field ? [[ethType, ipProto, field] as const] : []));
}

/** What `ovs-ofctl dump-flows` prints beside a flow; said of a flow, not part of it. */
export const statisticsWords: ReadonlySet<string> = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']);

/** OpenFlow's reserved ports that a tenant switch has not. */
export const absentPorts: ReadonlySet<string> = new Set([
  'NORMAL',
  'FLOOD',
  'ALL',
  'CONTROLLER',
  'LOCAL',
  'TABLE',
  'ANY',
  'NONE',
]);
