import type { SettableField } from '../../../src/model/action.js';
import { fieldOf, fullMask } from '../../../src/model/match.js';
import { concat, readUint, writeUint } from './bytes.js';
import { adjustChecksum, adjustUdpChecksum, sctpChecksum } from './checksum.js';
import type { Parsed } from './parse.js';
import { placeOf } from './places.js';

/** Whether the packet has the field, which now has the bits of `value` where `mask` has ones. */
export function setField(bytes: Uint8Array, parsed: Parsed, field: SettableField, value: bigint, mask: bigint): boolean {
  const place = placeOf(field, parsed);
  if (!place) return false;
  // Of the 13 bits of vlan_vid the highest only says that there is a tag.
  const bits = field === 'vlan_vid' ? fullMask(12) : fullMask(fieldOf(field).spec.bits);
  const shift = BigInt(place.shift);
  const old = readUint(bytes, place.at, place.count);
  const kept = old & ~((mask & bits) << shift);
  const before = bytes.slice();
  writeUint(bytes, place.at, place.count, kept | ((value & mask & bits) << shift));
  repairChecksums(before, bytes, parsed, field);
  return true;
}

const underIpv4: readonly SettableField[] = ['ip_dscp', 'ip_ecn', 'ip_ttl', 'ip_proto', 'ipv4_src', 'ipv4_dst'];

/** After bytes of `field` changed in a packet that was `before`. */
function repairChecksums(before: Uint8Array, bytes: Uint8Array, parsed: Parsed, field: SettableField): void {
  const { ipv4, transport } = parsed.at;
  if (ipv4 !== undefined && underIpv4.includes(field)) {
    const end = ipv4 + (bytes[ipv4]! & 0x0f) * 4;
    adjustChecksum(bytes, ipv4 + 10, before.slice(ipv4, end), bytes.slice(ipv4, end));
  }
  if (transport === undefined) return;
  if (inPseudoHeader(parsed, field)) repairTransport(bytes, parsed, pseudoHeader(before, parsed), pseudoHeader(bytes, parsed));
  if (!isWithin(field)) return;
  if (parsed.proto === 132) repairSctp(before, bytes, parsed);
  else repairTransport(bytes, parsed, evenly(before, transport, parsed.end), evenly(bytes, transport, parsed.end));
}

/** Not the destination where a routing header has another, the last one (RFC 8200, section 8.1). */
const inPseudoHeader = ({ routed, proto }: Parsed, field: SettableField): boolean =>
  (field === 'ip_proto' || /^ipv[46]_(src|dst)$/.test(field)) &&
  !(routed && field === 'ipv6_dst') &&
  [6, 17, 58].includes(proto!);

/** What of it can change: addresses and protocol. */
function pseudoHeader(bytes: Uint8Array, { at }: Parsed): Uint8Array {
  const addresses =
    at.ipv4 === undefined ? bytes.subarray(at.ipv6! + 8, at.ipv6! + 40) : bytes.subarray(at.ipv4 + 12, at.ipv4 + 20);
  return concat(addresses, new Uint8Array([0, bytes[at.proto!]!]));
}

const isWithin = (field: SettableField): boolean => /^(tcp|udp|sctp|icmpv[46]|ipv6_nd)_/.test(field);

/** From `start` to `end`, with a byte 0 after the last of an odd number. */
function evenly(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const part = new Uint8Array((end - start + 1) & ~1);
  part.set(bytes.subarray(start, end));
  return part;
}

function repairTransport(bytes: Uint8Array, { proto, at }: Parsed, before: Uint8Array, after: Uint8Array): void {
  if (proto === 17) adjustUdpChecksum(bytes, at.transport! + 6, before, after);
  else adjustChecksum(bytes, at.transport! + (proto === 6 ? 16 : 2), before, after);
}

/** A right checksum stays right, a wrong one wrong by the same bits. */
function repairSctp(before: Uint8Array, bytes: Uint8Array, { at, end }: Parsed): void {
  const start = at.transport!;
  const change = sctpChecksum(before.subarray(start, end)) ^ sctpChecksum(bytes.subarray(start, end));
  writeUint(bytes, start + 8, 4, BigInt((Number(readUint(bytes, start + 8, 4)) ^ change) >>> 0));
}
