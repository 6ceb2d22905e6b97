import type { FieldName } from '../../../src/model/match.js';
import { read16, readUint } from './bytes.js';
import type { Parsed } from './parse.js';

const shortest = new Map([
  [6, 20],
  [17, 8],
  [132, 12],
  [1, 4],
  [58, 4],
]);

/** TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792), ICMPv6 (RFC 4443). */
export function parseTransport(bytes: Uint8Array, at: number, proto: number, fragment: boolean, parsed: Parsed): void {
  const least = shortest.get(proto);
  // ICMP over IPv6 and ICMPv6 over IPv4 have no fields.
  if (least === undefined || (proto === 1 && parsed.at.ipv4 === undefined) || (proto === 58 && parsed.at.ipv6 === undefined))
    return;
  if (parsed.end < at + least || (proto === 6 && bytes[at + 12]! >> 4 < 5)) {
    parsed.broken = 'transport';
    return;
  }
  parsed.at.transport = at;
  parsed.proto = proto;
  const set = (name: FieldName, value: bigint): unknown => parsed.fields.set(name, value);
  if (proto === 1 || proto === 58) {
    const version = proto === 1 ? 'icmpv4' : 'icmpv6';
    set(`${version}_type`, BigInt(bytes[at]!));
    set(`${version}_code`, BigInt(bytes[at + 1]!));
    if (proto === 58 && !fragment) parseNeighbour(bytes, at, parsed);
    return;
  }
  const name = proto === 6 ? 'tcp' : proto === 17 ? 'udp' : 'sctp';
  set(`${name}_src`, readUint(bytes, at, 2));
  set(`${name}_dst`, readUint(bytes, at + 2, 2));
  if (proto === 6) set('tcp_flags', BigInt(read16(bytes, at + 12) & 0x0fff));
}

/** RFC 4861: the target of a solicitation or advertisement, and the first link-layer address of its kind. */
function parseNeighbour(bytes: Uint8Array, at: number, parsed: Parsed): void {
  const type = bytes[at]!;
  if ((type !== 135 && type !== 136) || bytes[at + 1] !== 0) return;
  if (parsed.end < at + 24) {
    parsed.broken = 'neighbour';
    return;
  }
  parsed.fields.set('ipv6_nd_target', readUint(bytes, at + 8, 16));
  const wanted = type === 135 ? 1 : 2;
  for (let option = at + 24; option + 8 <= parsed.end; option += bytes[option + 1]! * 8) {
    if (bytes[option + 1] === 0) return;
    if (bytes[option] !== wanted || bytes[option + 1] !== 1) continue;
    parsed.at.ndOption = option;
    parsed.fields.set(wanted === 1 ? 'ipv6_nd_sll' : 'ipv6_nd_tll', readUint(bytes, option + 2, 6));
    return;
  }
}
