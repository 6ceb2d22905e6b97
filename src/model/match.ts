/**
 * Match fields by their OpenFlow 1.3 OXM names (section 7.2.3.7 of the specification). The order is the field's number at the
 * native boundary; the addon's own list (native/packet/fields.h) is compared with this one when it is loaded.
 */
export type FieldFormat = 'port' | 'mac' | 'ipv4' | 'ipv6' | 'vlan' | 'fragment' | 'flags' | 'number';

interface FieldSpec {
  readonly name: string;
  readonly bits: number;
  readonly format: FieldFormat;
  /** Any of these sets of exact values must be matched too, as OpenFlow's prerequisites ask. */
  readonly needs: readonly Readonly<Record<string, readonly number[]>>[];
  /** Can be matched as `low-high`. */
  readonly ranges?: true;
}

const ipv4 = { eth_type: [0x0800] };
const ipv6 = { eth_type: [0x86dd] };
const arp = { eth_type: [0x0806] };
const ip = { eth_type: [0x0800, 0x86dd] };
const neighbour = (...types: number[]) => ({ ...ipv6, ip_proto: [58], icmpv6_type: types });
const proto = (...numbers: number[]) => ({ ...ip, ip_proto: numbers });

export const matchFields = [
  { name: 'in_port', bits: 16, format: 'port', needs: [] },
  { name: 'eth_dst', bits: 48, format: 'mac', needs: [] },
  { name: 'eth_src', bits: 48, format: 'mac', needs: [] },
  { name: 'eth_type', bits: 16, format: 'number', needs: [] },
  { name: 'vlan_vid', bits: 13, format: 'vlan', needs: [] },
  { name: 'vlan_pcp', bits: 3, format: 'number', needs: [] },
  { name: 'ip_dscp', bits: 6, format: 'number', needs: [ip] },
  { name: 'ip_ecn', bits: 2, format: 'number', needs: [ip] },
  { name: 'ip_proto', bits: 8, format: 'number', needs: [ip] },
  { name: 'ipv4_src', bits: 32, format: 'ipv4', needs: [ipv4] },
  { name: 'ipv4_dst', bits: 32, format: 'ipv4', needs: [ipv4] },
  { name: 'ipv6_src', bits: 128, format: 'ipv6', needs: [ipv6] },
  { name: 'ipv6_dst', bits: 128, format: 'ipv6', needs: [ipv6] },
  { name: 'tcp_src', bits: 16, format: 'number', needs: [proto(6)], ranges: true },
  { name: 'tcp_dst', bits: 16, format: 'number', needs: [proto(6)], ranges: true },
  { name: 'udp_src', bits: 16, format: 'number', needs: [proto(17)], ranges: true },
  { name: 'udp_dst', bits: 16, format: 'number', needs: [proto(17)], ranges: true },
  { name: 'icmpv4_type', bits: 8, format: 'number', needs: [{ ...ipv4, ip_proto: [1] }] },
  { name: 'icmpv4_code', bits: 8, format: 'number', needs: [{ ...ipv4, ip_proto: [1] }] },
  { name: 'icmpv6_type', bits: 8, format: 'number', needs: [{ ...ipv6, ip_proto: [58] }] },
  { name: 'icmpv6_code', bits: 8, format: 'number', needs: [{ ...ipv6, ip_proto: [58] }] },
  { name: 'arp_op', bits: 16, format: 'number', needs: [arp] },
  { name: 'arp_spa', bits: 32, format: 'ipv4', needs: [arp] },
  { name: 'arp_tpa', bits: 32, format: 'ipv4', needs: [arp] },
  { name: 'arp_sha', bits: 48, format: 'mac', needs: [arp] },
  { name: 'arp_tha', bits: 48, format: 'mac', needs: [arp] },
  // 64 bits that belong to the packet while it is in the pipeline; 0 at first.
  { name: 'metadata', bits: 64, format: 'number', needs: [] },
  // The VNI that a decap found or that a set_field left; 0 at first.
  { name: 'tunnel_id', bits: 64, format: 'number', needs: [] },
  { name: 'ip_ttl', bits: 8, format: 'number', needs: [ip] },
  // Bit 0: a fragment, bit 1: a later one.
  { name: 'ip_frag', bits: 2, format: 'fragment', needs: [ip] },
  { name: 'sctp_src', bits: 16, format: 'number', needs: [proto(132)], ranges: true },
  { name: 'sctp_dst', bits: 16, format: 'number', needs: [proto(132)], ranges: true },
  { name: 'tcp_flags', bits: 12, format: 'number', needs: [proto(6)] },
  { name: 'ipv6_flabel', bits: 20, format: 'number', needs: [ipv6] },
  { name: 'ipv6_nd_target', bits: 128, format: 'ipv6', needs: [neighbour(135, 136)] },
  { name: 'ipv6_nd_sll', bits: 48, format: 'mac', needs: [neighbour(135)] },
  { name: 'ipv6_nd_tll', bits: 48, format: 'mac', needs: [neighbour(136)] },
  // Bits of ofp_ipv6exthdr_flags (OpenFlow 1.3.5, section 7.2.3.7).
  { name: 'ipv6_exthdr', bits: 9, format: 'number', needs: [ipv6] },
  // What the last conntrack action found; 0 before one.
  { name: 'ct_state', bits: 8, format: 'flags', needs: [] },
  { name: 'ct_zone', bits: 16, format: 'number', needs: [] },
  { name: 'ct_mark', bits: 32, format: 'number', needs: [] },
] as const satisfies readonly FieldSpec[];

export type FieldName = (typeof matchFields)[number]['name'];

const byName: ReadonlyMap<string, { readonly number: number; readonly spec: FieldSpec }> = new Map(
  matchFields.map((spec, number) => [spec.name, { number, spec }]),
);

export const isFieldName = (name: string): name is FieldName => byName.has(name);

/** The field's specification and its number at the native boundary. */
export function fieldOf(name: FieldName): { readonly number: number; readonly spec: FieldSpec } {
  const found = byName.get(name);
  if (!found) throw new RangeError(`no match field ${name}`);
  return found;
}

/**
 * A packet matches where `packet & mask === value`; `value` has no bit outside `mask`. With `high` it is a range of ports: the mask is
 * full, and a packet matches from `value` to `high`, both included; a range that a mask can say has no `high`.
 */
export interface FieldMatch {
  readonly value: bigint;
  readonly mask: bigint;
  readonly high?: bigint;
}

/** A match in canonical form: fields in the order of their numbers, wildcards left out. */
export type Match = ReadonlyMap<FieldName, FieldMatch>;

/** A match as people and the API write it, for example `{"eth_type":2048,"ipv4_dst":"10.0.0.0/24"}`. */
export type MatchText = Readonly<Partial<Record<FieldName, string | number>>>;

const fullMasks: readonly bigint[] = Array.from({ length: 129 }, (_, bits) => (1n << BigInt(bits)) - 1n);

/** All ones, for up to 128 bits. */
export const fullMask = (bits: number): bigint => fullMasks[bits] ?? 0n;
