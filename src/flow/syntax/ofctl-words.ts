import type { FieldName } from '../../model/match.js';

/** Words of ovs-ofctl(8) that stand for several exact matches. */
export const protocolWords = {
  ip: { eth_type: 0x0800 },
  ipv6: { eth_type: 0x86dd },
  arp: { eth_type: 0x0806 },
  icmp: { eth_type: 0x0800, ip_proto: 1 },
  tcp: { eth_type: 0x0800, ip_proto: 6 },
  udp: { eth_type: 0x0800, ip_proto: 17 },
  sctp: { eth_type: 0x0800, ip_proto: 132 },
  icmp6: { eth_type: 0x86dd, ip_proto: 58 },
  tcp6: { eth_type: 0x86dd, ip_proto: 6 },
  udp6: { eth_type: 0x86dd, ip_proto: 17 },
  sctp6: { eth_type: 0x86dd, ip_proto: 132 },
} as const satisfies Readonly<Record<string, { readonly eth_type: number; readonly ip_proto?: number }>>;

/** ovs-ofctl's own names of fields, where one name means one field. */
export const fieldWords: Readonly<Record<string, FieldName>> = {
  dl_src: 'eth_src',
  dl_dst: 'eth_dst',
  dl_type: 'eth_type',
  dl_vlan_pcp: 'vlan_pcp',
  nw_ecn: 'ip_ecn',
  nw_ttl: 'ip_ttl',
  tun_id: 'tunnel_id',
  ipv6_label: 'ipv6_flabel',
  nd_target: 'ipv6_nd_target',
  nd_sll: 'ipv6_nd_sll',
  nd_tll: 'ipv6_nd_tll',
};

/** The other way round. */
export const ofctlNames: Readonly<Partial<Record<FieldName, string>>> = Object.fromEntries(
  Object.entries(fieldWords).map(([word, field]) => [field, word]),
);

type ByProtocol = readonly (readonly [ethType: number, ipProto: number | undefined, FieldName])[];

const source: ByProtocol = [
  [0x0800, undefined, 'ipv4_src'],
  [0x0806, undefined, 'arp_spa'],
];
const destination: ByProtocol = [
  [0x0800, undefined, 'ipv4_dst'],
  [0x0806, undefined, 'arp_tpa'],
];

/** Names whose field depends on the protocol that the flow matches: by eth_type, then ip_proto. */
export const protocolFieldWords: Readonly<Record<string, ByProtocol>> = {
  nw_src: source,
  ip_src: source,
  nw_dst: destination,
  ip_dst: destination,
  nw_proto: [
    [0x0800, undefined, 'ip_proto'],
    [0x86dd, undefined, 'ip_proto'],
    [0x0806, undefined, 'arp_op'],
  ],
  tp_src: [...ports('src'), [0x0800, 1, 'icmpv4_type'], [0x86dd, 58, 'icmpv6_type']],
  tp_dst: [...ports('dst'), [0x0800, 1, 'icmpv4_code'], [0x86dd, 58, 'icmpv6_code']],
  icmp_type: [
    [0x0800, 1, 'icmpv4_type'],
    [0x86dd, 58, 'icmpv6_type'],
  ],
  icmp_code: [
    [0x0800, 1, 'icmpv4_code'],
    [0x86dd, 58, 'icmpv6_code'],
  ],
};

function ports(end: 'src' | 'dst'): (readonly [number, number, FieldName])[] {
  const protocols = [
    [6, 'tcp'],
    [17, 'udp'],
    [132, 'sctp'],
  ] as const;
  return [0x0800, 0x86dd].flatMap((ethType) => protocols.map(([ipProto, name]) => [ethType, ipProto, `${name}_${end}`] as const));
}

/** What `ovs-ofctl dump-flows` prints beside a flow; said of a flow, not part of it. */
export const statisticsWords: ReadonlySet<string> = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']);

/** OpenFlow's reserved ports that a tenant switch has, by its name of them in upper case. */
export const presentPorts: Readonly<Record<string, 'in_port' | 'flood'>> = { IN_PORT: 'in_port', FLOOD: 'flood' };

/** Those that it has not. */
export const absentPorts: ReadonlySet<string> = new Set(['NORMAL', 'ALL', 'CONTROLLER', 'LOCAL', 'TABLE', 'ANY', 'NONE']);

/** Actions of Open vSwitch that this switch has not, and what to use instead. */
export const absentActions: Readonly<Record<string, string>> = {
  load: 'use set_field',
  enqueue: 'use output, and a meter for the rate',
  set_queue: 'use a meter for the rate',
  controller: 'leave it out',
  move: 'leave it out',
  learn: 'leave it out',
  clone: 'use a group of type all',
  bundle: 'use a group of type select',
  multipath: 'use a group of type select',
  sample: 'use mirror(port=NAME,one_in=N)',
  push_mpls: 'leave it out',
  pop_mpls: 'leave it out',
};
