import type { FieldName } from '../../../src/model/match.js';
import type { HeaderName } from '../../../src/model/header.js';
import { read16, readUint } from './bytes.js';
import { parseIpv4, parseIpv6 } from './parse-ip.js';

/** What a packet says, and where it says it. */
export interface Parsed {
  readonly fields: Map<FieldName, bigint>;
  readonly at: { arp?: number; proto?: number; ipv4?: number; ipv6?: number; transport?: number; ndOption?: number };
  tags: number;
  /** Of what is at `transport`. */
  proto?: number;
  /** Where IP says that its packet ends, within the real bytes. */
  end: number;
  /** RFC 8200, section 8.1: the checksums' destination is another than the header's. */
  routed: boolean;
  /** The same as IP says it, though the packet may be shorter. */
  claim: number;
  /** IPv6 extension headers say that they are longer than their packet. */
  overlong: boolean;
  /** The header that is cut short or contradicts itself; nothing behind it is read. */
  broken?: HeaderName;
}

const vlanTypes = [0x8100, 0x88a8];
/** Of a received packet; what lies behind them is not read. */
export const maxTags = 2;

/**
 * @param bytes of at least an Ethernet header.
 * @param known how many tags were read of the packet before, and pushed on it.
 */
export function parsePacket(bytes: Uint8Array, known = 0): Parsed {
  const fields = new Map<FieldName, bigint>([
    ['eth_dst', readUint(bytes, 0, 6)],
    ['eth_src', readUint(bytes, 6, 6)],
    ['vlan_vid', 0n],
    ['vlan_pcp', 0n],
  ]);
  const parsed: Parsed = { fields, at: {}, tags: 0, end: bytes.length, claim: bytes.length, routed: false, overlong: false };
  let at = 12;
  while (vlanTypes.includes(read16(bytes, at)) && parsed.tags < Math.max(maxTags, known)) {
    if (bytes.length < at + 6) return { ...parsed, broken: 'ether_type' };
    if (parsed.tags++ === 0) {
      const tci = read16(bytes, at + 2);
      fields.set('vlan_vid', BigInt((tci & 0x0fff) | 0x1000)).set('vlan_pcp', BigInt(tci >> 13));
    }
    at += 4;
  }
  const type = read16(bytes, at);
  fields.set('eth_type', BigInt(type));
  if (type === 0x0806) parseArp(bytes, at + 2, parsed);
  if (type === 0x0800) parseIpv4(bytes, at + 2, parsed);
  if (type === 0x86dd) parseIpv6(bytes, at + 2, parsed);
  return parsed;
}

/** RFC 826; only IPv4 over Ethernet has OXM fields. */
function parseArp(bytes: Uint8Array, at: number, parsed: Parsed): void {
  if (bytes.length < at + 28) {
    parsed.broken = 'arp';
    return;
  }
  if (readUint(bytes, at, 6) !== 0x0001_0800_0604n) return;
  parsed.at.arp = at;
  parsed.fields
    .set('arp_op', readUint(bytes, at + 6, 2))
    .set('arp_sha', readUint(bytes, at + 8, 6))
    .set('arp_spa', readUint(bytes, at + 14, 4))
    .set('arp_tha', readUint(bytes, at + 18, 6))
    .set('arp_tpa', readUint(bytes, at + 24, 4));
}
