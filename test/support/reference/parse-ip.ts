import { read16, readUint } from './bytes.js';
import { readExtensions } from './extensions.js';
import type { Parsed } from './parse.js';
import { parseTransport } from './parse-transport.js';

/** RFC 791. */
export function parseIpv4(bytes: Uint8Array, at: number, parsed: Parsed): void {
  const headerBytes = ((bytes[at] ?? 0) & 0x0f) * 4;
  const totalBytes = bytes.length < at + 20 ? 0 : read16(bytes, at + 2);
  const version = (bytes[at] ?? 0) >> 4;
  if (version !== 4 || headerBytes < 20 || bytes.length < at + Math.max(20, headerBytes) || totalBytes < headerBytes) {
    parsed.broken = 'ipv4';
    return;
  }
  parsed.at.ipv4 = at;
  parsed.at.proto = at + 9;
  parsed.claim = at + totalBytes;
  parsed.end = Math.min(bytes.length, parsed.claim);
  const fragment = read16(bytes, at + 6);
  const later = (fragment & 0x1fff) !== 0;
  const some = later || (fragment & 0x2000) !== 0;
  setTos(parsed, bytes[at + 1]!);
  const proto = bytes[at + 9]!;
  parsed.fields
    .set('ip_ttl', BigInt(bytes[at + 8]!))
    .set('ip_proto', BigInt(proto))
    .set('ip_frag', fragmentBits(some, later))
    .set('ipv4_src', readUint(bytes, at + 12, 4))
    .set('ipv4_dst', readUint(bytes, at + 16, 4));
  if (!later) parseTransport(bytes, at + headerBytes, proto, some, parsed);
}

/** RFC 8200. */
export function parseIpv6(bytes: Uint8Array, at: number, parsed: Parsed): void {
  if (bytes.length < at + 40 || bytes[at]! >> 4 !== 6) {
    parsed.broken = 'ipv6';
    return;
  }
  parsed.at.ipv6 = at;
  const payloadBytes = read16(bytes, at + 4);
  // RFC 2675: a jumbogram says its length in a hop-by-hop option; the real bytes bound it.
  const jumbo = payloadBytes === 0 && bytes[at + 6] === 0;
  parsed.claim = jumbo ? bytes.length : at + 40 + payloadBytes;
  parsed.end = Math.min(bytes.length, parsed.claim);
  setTos(parsed, Number((readUint(bytes, at, 4) >> 20n) & 0xffn));
  parsed.fields
    .set('ipv6_flabel', readUint(bytes, at, 4) & 0xfffffn)
    .set('ip_ttl', BigInt(bytes[at + 7]!))
    .set('ipv6_src', readUint(bytes, at + 8, 16))
    .set('ipv6_dst', readUint(bytes, at + 24, 16));
  const chain = readExtensions(bytes, at + 40, parsed.end, at + 6);
  if (!chain) {
    parsed.broken = 'ipv6';
    return;
  }
  parsed.routed = chain.routed;
  parsed.overlong = chain.at > parsed.claim;
  parsed.at.proto = chain.protoAt;
  parsed.fields
    .set('ipv6_exthdr', BigInt(chain.flags))
    .set('ip_proto', BigInt(chain.proto))
    .set('ip_frag', fragmentBits(chain.fragment, chain.later));
  if (!chain.later) parseTransport(bytes, chain.at, chain.proto, chain.fragment, parsed);
}

const fragmentBits = (some: boolean, later: boolean): bigint => (some ? 1n : 0n) | (later ? 2n : 0n);

function setTos({ fields }: Parsed, tos: number): void {
  fields.set('ip_dscp', BigInt(tos >> 2)).set('ip_ecn', BigInt(tos & 3));
}
