import type { SettableField } from '../../../src/model/action.js';
import type { Parsed } from './parse.js';

/** Bits of a packet: `count` bytes at `at`, of which the field's bits begin `shift` from the right. */
export interface Place {
  readonly at: number;
  readonly count: number;
  readonly shift: number;
}

const place = (at: number, count: number, shift = 0): Place => ({ at, count, shift });

type Header = 'proto' | 'ipv4' | 'ipv6' | 'arp' | 'transport' | 'ndOption';
type Offsets = Readonly<Partial<Record<SettableField, readonly [Header, Place]>>>;

/** By the field's name, where the header has it. Those of IP that both versions have are apart. */
const offsets: Offsets = {
  ip_proto: ['proto', place(0, 1)],
  ipv4_src: ['ipv4', place(12, 4)],
  ipv4_dst: ['ipv4', place(16, 4)],
  ipv6_src: ['ipv6', place(8, 16)],
  ipv6_dst: ['ipv6', place(24, 16)],
  ipv6_flabel: ['ipv6', place(0, 4)],
  tcp_src: ['transport', place(0, 2)],
  tcp_dst: ['transport', place(2, 2)],
  udp_src: ['transport', place(0, 2)],
  udp_dst: ['transport', place(2, 2)],
  sctp_src: ['transport', place(0, 2)],
  sctp_dst: ['transport', place(2, 2)],
  icmpv4_type: ['transport', place(0, 1)],
  icmpv4_code: ['transport', place(1, 1)],
  icmpv6_type: ['transport', place(0, 1)],
  icmpv6_code: ['transport', place(1, 1)],
  arp_op: ['arp', place(6, 2)],
  arp_sha: ['arp', place(8, 6)],
  arp_spa: ['arp', place(14, 4)],
  arp_tha: ['arp', place(18, 6)],
  arp_tpa: ['arp', place(24, 4)],
  ipv6_nd_target: ['transport', place(8, 16)],
  ipv6_nd_sll: ['ndOption', place(2, 6)],
  ipv6_nd_tll: ['ndOption', place(2, 6)],
};

const ipv4Offsets: Offsets = {
  ip_dscp: ['ipv4', place(1, 1, 2)],
  ip_ecn: ['ipv4', place(1, 1)],
  ip_ttl: ['ipv4', place(8, 1)],
};

const ipv6Offsets: Offsets = {
  ip_dscp: ['ipv6', place(0, 2, 6)],
  ip_ecn: ['ipv6', place(0, 2, 4)],
  ip_ttl: ['ipv6', place(7, 1)],
};

/** Undefined where the packet has no such field. */
export function placeOf(field: SettableField, parsed: Parsed): Place | undefined {
  if (!parsed.fields.has(field)) return undefined;
  if (field === 'eth_dst') return place(0, 6);
  if (field === 'eth_src') return place(6, 6);
  if (field === 'eth_type') return place(12 + 4 * parsed.tags, 2);
  if (field === 'vlan_vid' || field === 'vlan_pcp')
    return parsed.tags === 0 ? undefined : place(14, 2, field === 'vlan_pcp' ? 13 : 0);
  const found = offsets[field] ?? (parsed.at.ipv4 === undefined ? ipv6Offsets : ipv4Offsets)[field];
  const start = found && parsed.at[found[0]];
  return found && start !== undefined ? { ...found[1], at: start + found[1].at } : undefined;
}
