import type { Action, EncapAction } from '../../../src/model/action.js';
import type { DropReason } from '../../../src/model/drop.js';
import { bytesOf, concat, read16, readUint, writeUint } from './bytes.js';
import { checksumOf } from './checksum.js';
import { hashOf } from './flow-hash.js';
import { isMalformed } from './headers.js';
import type { Parsed } from './parse.js';
import { setField } from './set-field.js';
import type { Packet, Run } from './state.js';

const udpHeader = 8;
const tunnelHeader = 8;
const transparentEthernet = 0x6558;

/** VXLAN (RFC 7348) or Geneve (RFC 8926) without options around the packet; UDP's source port tells flows apart. */
export function encap(packet: Packet, action: EncapAction): DropReason | undefined {
  const { family, dscp: wanted } = action;
  const tos = tosOf(packet);
  // RFC 6040, section 4.1, normal mode: the ECN is copied.
  const outerTos = ((wanted === 'inherit' ? tos >> 2 : wanted) << 2) | (tos & 3);
  const vni = action.vni === 'tunnel_id' ? packet.tunnelId & 0xffffffn : BigInt(action.vni);
  const tunnel =
    action.tunnel === 'vxlan' ? bytesOf([4, 0x0800_0000], [4, vni << 8n]) : bytesOf([4, transparentEthernet], [4, vni << 8n]);
  const length = udpHeader + tunnelHeader + packet.bytes.length;
  const source = 49152 + (hashOf(packet.parsed.fields, 'five_tuple') & 0x3fff);
  const udp = concat(bytesOf([2, source], [2, action.udpDst], [2, length], [2, 0]), tunnel, packet.bytes);
  const size = family === 4 ? 4 : 16;
  const addresses = bytesOf([size, action.src], [size, action.dst]);
  if (action.checksum) writeUint(udp, 6, 2, BigInt(udpChecksum(addresses, udp) || 0xffff));
  const ethernet = bytesOf([6, action.ethDst], [6, action.ethSrc], [2, family === 4 ? 0x0800 : 0x86dd]);
  const ip = family === 4 ? ipv4Header(action, outerTos, length, addresses) : ipv6Header(action, outerTos, length, addresses);
  packet.bytes = concat(ethernet, ip, udp);
  packet.readAgain();
  return undefined;
}

/** Not to be fragmented, so that the identification may be 0 (RFC 6864). */
function ipv4Header({ ttl }: EncapAction, tos: number, length: number, addresses: Uint8Array): Uint8Array {
  const ip = concat(bytesOf([1, 0x45], [1, tos], [2, 20 + length], [4, 0x4000], [1, ttl], [1, 17], [2, 0]), addresses);
  writeUint(ip, 10, 2, BigInt(checksumOf(ip)));
  return ip;
}

const ipv6Header = ({ ttl }: EncapAction, tos: number, length: number, addresses: Uint8Array): Uint8Array =>
  concat(bytesOf([4, 0x6000_0000 + tos * 0x10_0000], [2, length], [1, 17], [1, ttl]), addresses);

/** RFC 768, RFC 8200, section 8.1. */
const udpChecksum = (addresses: Uint8Array, udp: Uint8Array): number =>
  checksumOf(addresses, bytesOf([2, 17], [2, udp.length]), udp);

/** Takes the tunnel of these VNIs off. */
export function decap(run: Run, packet: Packet, action: Extract<Action, { type: 'decap' }>): DropReason | undefined {
  const found = readTunnel(run, packet, action.tunnel);
  if (!found) return 'not_a_tunnel';
  if (!action.vnis.includes(found.vni)) return 'unknown_vni';
  const mark = tosOf(packet) & 3;
  packet.bytes = found.inner.slice();
  packet.tunnelId = BigInt(found.vni);
  packet.readAgain();
  if (isMalformed(packet.parsed, run.reads)) return 'malformed_header';
  return markFromOuter(run, packet, mark);
}

/** Undefined where anything is not as the standards ask, or the lengths do not hold. */
function readTunnel(
  run: Run,
  { bytes, parsed }: Packet,
  kind: 'vxlan' | 'geneve',
): { vni: number; inner: Uint8Array } | undefined {
  const at = parsed.at.transport;
  if (at === undefined || parsed.proto !== 17 || parsed.fields.get('ip_frag') !== 0n) return undefined;
  const end = at + read16(bytes, at + 4);
  const ipEnd = endOfIp(bytes, parsed);
  if (ipEnd === undefined || ipEnd > bytes.length || end > ipEnd || end < at + udpHeader + tunnelHeader) return undefined;
  if (read16(bytes, at + 6) !== 0 && udpChecksum(addressesOf(bytes, parsed), bytes.subarray(at, end)) !== 0) return undefined;
  const tunnel = at + udpHeader;
  const length = kind === 'vxlan' ? vxlanLength(bytes, tunnel) : geneveLength(run, bytes, tunnel);
  if (length === undefined || tunnel + length + 14 > end) return undefined;
  return { vni: Number(readUint(bytes, tunnel + 4, 3)), inner: bytes.subarray(tunnel + length, end) };
}

/** By what IP says; undefined where its header's checksum is wrong. */
function endOfIp(bytes: Uint8Array, { at: { ipv4, ipv6 } }: Parsed): number | undefined {
  if (ipv4 === undefined) return ipv6! + 40 + read16(bytes, ipv6! + 4);
  if (checksumOf(bytes.subarray(ipv4, ipv4 + (bytes[ipv4]! & 15) * 4)) !== 0) return undefined;
  return ipv4 + read16(bytes, ipv4 + 2);
}

const addressesOf = (bytes: Uint8Array, { at: { ipv4, ipv6 } }: Parsed): Uint8Array =>
  ipv4 === undefined ? bytes.subarray(ipv6! + 8, ipv6! + 40) : bytes.subarray(ipv4 + 12, ipv4 + 20);

/** RFC 7348, section 5: the I flag must be there, the others are not looked at. */
const vxlanLength = (bytes: Uint8Array, at: number): number | undefined => ((bytes[at]! & 8) === 0 ? undefined : tunnelHeader);

/** RFC 8926, section 3.4: of version 0; no control message (O); no option that must be understood (C), since none is. */
function geneveLength({ program: { departs } }: Run, bytes: Uint8Array, at: number): number | undefined {
  const refused = departs?.has('geneve_control') === true ? 0x40 : 0xc0;
  if (bytes[at]! >> 6 !== 0 || (bytes[at + 1]! & refused) !== 0 || read16(bytes, at + 2) !== transparentEthernet)
    return undefined;
  return tunnelHeader + (bytes[at]! & 0x3f) * 4;
}

/** RFC 6040, section 4.2. */
function markFromOuter({ program: { departs } }: Run, { bytes, parsed }: Packet, outer: number): DropReason | undefined {
  const inner = parsed.fields.get('ip_ecn');
  if (inner === undefined || inner === 3n) return undefined;
  if (departs?.has('decap_ecn') === true && (outer !== 3 || inner === 0n)) return undefined;
  if (inner === 0n) return outer === 3 ? 'not_a_tunnel' : undefined;
  if (outer === 3 || (outer === 1 && inner === 2n)) setField(bytes, parsed, 'ip_ecn', BigInt(outer), 3n);
  return undefined;
}

/** DSCP and ECN; 0 where there is no IP header. */
function tosOf({ bytes, parsed: { at } }: Packet): number {
  if (at.ipv4 !== undefined) return bytes[at.ipv4 + 1]!;
  return at.ipv6 === undefined ? 0 : (read16(bytes, at.ipv6) >> 4) & 0xff;
}
