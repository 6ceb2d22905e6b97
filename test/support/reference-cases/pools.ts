import type { FieldName } from '../../../src/model/match.js';

/** Few values of each field, so that rules overlap and packets meet them; the first is the plainest. In_port is apart. */
export const pool: Readonly<Record<Exclude<FieldName, 'in_port'>, readonly bigint[]>> = {
  eth_dst: [0x02_00_00_00_00_01n, 0x02_00_00_00_00_02n, 0xff_ff_ff_ff_ff_ffn, 0x33_33_00_00_00_01n],
  eth_src: [0x02_00_00_00_00_02n, 0x02_00_00_00_00_01n, 0x02_00_00_00_01_01n],
  eth_type: [0x0800n, 0x86ddn, 0x0806n, 0x88ccn, 0x05dcn],
  // OXM's 13 bits: a packet's tag has the highest.
  vlan_vid: [0x1005n, 0x1006n, 0x1000n, 0x1fffn],
  vlan_pcp: [0n, 3n, 7n],
  ip_dscp: [0n, 10n, 46n, 63n],
  ip_ecn: [0n, 1n, 2n, 3n],
  ip_proto: [17n, 6n, 1n, 58n, 132n, 50n, 0n, 59n],
  ipv4_src: [0x0a00_0001n, 0x0a00_0002n, 0x0a00_0101n, 0xc000_0201n],
  ipv4_dst: [0x0a00_0002n, 0x0a00_0001n, 0x0a01_0001n, 0xffff_ffffn],
  ipv6_src: [0xfd00_0000_0000_0000_0000_0000_0000_0001n, 0xfd00_0000_0000_0001_0000_0000_0000_0001n, 1n],
  ipv6_dst: [0xfd00_0000_0000_0000_0000_0000_0000_0002n, 0xfd00_0000_0000_0000_0000_0000_0000_0001n, (0xff02n << 112n) | 1n],
  tcp_src: [1000n, 80n, 1023n],
  tcp_dst: [80n, 1000n, 443n, 65535n],
  udp_src: [1000n, 53n, 0n],
  udp_dst: [4789n, 53n, 6081n, 1000n],
  icmpv4_type: [8n, 0n, 3n],
  icmpv4_code: [0n, 1n],
  icmpv6_type: [135n, 136n, 128n],
  icmpv6_code: [0n, 1n],
  arp_op: [1n, 2n, 256n],
  arp_spa: [0x0a00_0001n, 0x0a00_0002n],
  arp_tpa: [0x0a00_0002n, 0x0a00_0001n],
  arp_sha: [0x02_00_00_00_00_02n, 0x02_00_00_00_00_01n],
  arp_tha: [0n, 0x02_00_00_00_00_01n],
  metadata: [0n, 1n, 0x10n, 0xffff_ffff_ffff_ffffn],
  tunnel_id: [0n, 5n, 6n, 0x100_0000_0005n],
  ip_ttl: [64n, 1n, 0n, 2n, 255n],
  ip_frag: [0n, 1n, 3n],
  sctp_src: [1000n, 36412n],
  sctp_dst: [36412n, 1000n],
  tcp_flags: [0x002n, 0x012n, 0x011n, 0x918n],
  ipv6_flabel: [0n, 0x12345n, 0xfffffn],
  ipv6_nd_target: [0xfd00_0000_0000_0000_0000_0000_0000_0002n, 0xfd00_0000_0000_0000_0000_0000_0000_0001n],
  ipv6_nd_sll: [0x02_00_00_00_00_02n, 0x02_00_00_00_00_01n],
  ipv6_nd_tll: [0x02_00_00_00_00_02n, 0x02_00_00_00_00_01n],
  ipv6_exthdr: [0n, 8n, 2n, 104n, 128n, 256n, 1n],
  ct_state: [0n, 0x21n, 0x22n, 0x2an, 0x30n],
  ct_zone: [0n, 1n, 2n],
  ct_mark: [0n, 1n, 0xffff_ffffn],
};

/** That decaps take and tunnels have. */
export const vnis = [5, 6, 0xffffff] as const;
/** That tunnels have, and no decap takes. */
export const strangeVni = 7;

/** Open but for p5, which the flow table knows, and the data planes have closed. */
export const livePorts = ['p1', 'p2', 'p3', 'p4'] as const;
export const allPorts = [...livePorts, 'p5'] as const;

export const tables = [0, 1, 63] as const;
export const groupIds = [1, 2, 3, 4] as const;
/** Whose rate nothing passes. */
export const wideMeter = { meter: 1, unit: 'kbps', bands: [{ type: 'drop', rate: 0xffff_ffff }] } as const;

/** Small, so that packets come in several buffers. */
export const firstBufferBytes = 512;
/** RTE_PKTMBUF_HEADROOM. */
export const headroomBytes = 128;
