import type { FieldName } from '../model/match.js';
import { dissectTransport } from './dissect-transport.js';
import { View } from './view.js';

/** Tags of a received packet that are read. */
const maxTags = 2;
const tagTypes: readonly number[] = [0x8100, 0x88a8];
const maxExtensions = 8;

/**
 * What a packet says, to be shown: the fields that it has, up to the first header that is cut short or contradicts itself. What
 * becomes of a packet is said by the data plane's own parser, which reads only what rules need; this reads everything.
 */
export function dissect(bytes: Uint8Array): ReadonlyMap<FieldName, bigint> {
  const view = new View(bytes);
  if (!view.has(0, 14)) return view.fields;
  view.set('eth_dst', 0, 6);
  view.set('eth_src', 6, 6);
  view.put('vlan_vid', 0);
  let type = view.number(12, 2);
  let at = 14;
  for (let tags = 0; tags < maxTags && tagTypes.includes(type); ++tags) {
    if (!view.has(at, 4)) return view.fields;
    if (tags === 0) {
      view.put('vlan_vid', (view.number(at, 2) & 0x0fff) | 0x1000);
      view.put('vlan_pcp', view.number(at, 2) >> 13);
    }
    type = view.number(at + 2, 2);
    at += 4;
  }
  view.put('eth_type', type);
  if (type === 0x0806) dissectArp(view, at);
  if (type === 0x0800) dissectIpv4(view, at);
  if (type === 0x86dd) dissectIpv6(view, at);
  return view.fields;
}

/** RFC 826, for IPv4 over Ethernet; others have no OXM fields. */
function dissectArp(view: View, at: number): void {
  if (!view.has(at, 28) || view.number(at, 6) !== 0x0001_0800_0604) return;
  view.set('arp_op', at + 6, 2);
  view.set('arp_sha', at + 8, 6);
  view.set('arp_spa', at + 14, 4);
  view.set('arp_tha', at + 18, 6);
  view.set('arp_tpa', at + 24, 4);
}

/** RFC 791. */
function dissectIpv4(view: View, at: number): void {
  if (!view.has(at, 20) || view.number(at, 1) >> 4 !== 4) return;
  const headerBytes = (view.number(at, 1) & 0x0f) * 4;
  const totalBytes = view.number(at + 2, 2);
  if (headerBytes < 20 || totalBytes < headerBytes || !view.has(at, headerBytes)) return;
  const fragment = view.number(at + 6, 2) & 0x3fff;
  const later = (fragment & 0x1fff) !== 0;
  putTos(view, view.number(at + 1, 1));
  view.set('ip_ttl', at + 8, 1);
  view.set('ip_proto', at + 9, 1);
  view.set('ipv4_src', at + 12, 4);
  view.set('ipv4_dst', at + 16, 4);
  view.put('ip_frag', fragmentBits(fragment !== 0, later));
  view.endAt(at + totalBytes);
  if (!later) dissectTransport(view, at + headerBytes, { family: 4, proto: view.number(at + 9, 1), fragment: fragment !== 0 });
}

/** RFC 8200. */
function dissectIpv6(view: View, at: number): void {
  if (!view.has(at, 40) || view.number(at, 1) >> 4 !== 6) return;
  const first = view.number(at, 4);
  putTos(view, (first >>> 20) & 0xff);
  view.put('ipv6_flabel', first & 0xfffff);
  view.set('ip_ttl', at + 7, 1);
  view.set('ipv6_src', at + 8, 16);
  view.set('ipv6_dst', at + 24, 16);
  const payloadBytes = view.number(at + 4, 2);
  let proto = view.number(at + 6, 1);
  // A jumbogram (RFC 2675) says its length in a hop-by-hop option.
  if (payloadBytes !== 0 || proto !== 0) view.endAt(at + 40 + payloadBytes);
  let [next, fragment, later] = [at + 40, false, false];
  for (let headers = 0; extensions.has(proto) && !later; ++headers) {
    if (headers === maxExtensions || !view.has(next, 8)) return;
    const [header, length] = [proto, view.number(next + 1, 1)];
    if (header === 44) {
      later = view.number(next + 2, 2) >> 3 !== 0;
      fragment ||= later || (view.number(next + 3, 1) & 1) !== 0;
    }
    proto = view.number(next, 1);
    next += extensions.get(header)?.(length) ?? 8;
  }
  view.put('ip_proto', proto);
  view.put('ip_frag', fragmentBits(fragment, later));
  if (!later) dissectTransport(view, next, { family: 6, proto, fragment });
}

/** Bytes of the extension headers, by what their length field says: of IP authentication in words of 4, less 2 (RFC 4302). */
const extensions: ReadonlyMap<number, (length: number) => number> = new Map([
  [0, (length: number) => (length + 1) * 8],
  [43, (length: number) => (length + 1) * 8],
  [44, () => 8],
  [51, (length: number) => (length + 2) * 4],
  [60, (length: number) => (length + 1) * 8],
]);

const fragmentBits = (some: boolean, later: boolean): number => (some ? 1 : 0) | (later ? 2 : 0);

function putTos(view: View, tos: number): void {
  view.put('ip_dscp', tos >> 2);
  view.put('ip_ecn', tos & 3);
}
