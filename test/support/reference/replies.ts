import type { DropReason } from '../../../src/model/drop.js';
import { bytesOf, concat, read16, writeUint } from './bytes.js';
import { adjustChecksum, checksumOf } from './checksum.js';
import type { Packet } from './state.js';

const allNodes = bytesOf([2, 0xff02], [13, 0], [1, 1]);
const allNodesMac = bytesOf([6, 0x3333_0000_0001]);

/** Of ICMPv6 (RFC 8200, section 8.1). @param addresses source and destination. */
const pseudoHeader = (addresses: Uint8Array, length: number): Uint8Array => concat(addresses, bytesOf([4, length], [4, 58]));

/** RFC 4861, sections 7.1.1 and 7.2.4, by a router. */
export function replyToSolicitation(packet: Packet, mac: bigint): DropReason | undefined {
  const { bytes, parsed } = packet;
  const { ipv6, transport, ndOption } = parsed.at;
  if (ipv6 === undefined || transport === undefined || !parsed.fields.has('ipv6_nd_target')) return 'action_without_header';
  const end = ipv6 + 40 + read16(bytes, ipv6 + 4);
  const icmp = bytes.slice(transport, end);
  const asker = bytes.slice(ipv6 + 8, ipv6 + 24);
  const isProbe = asker.every((byte) => byte === 0);
  const isWhole = end <= bytes.length && end - transport >= 24;
  const isRight = isWhole && checksumOf(pseudoHeader(bytes.slice(ipv6 + 8, ipv6 + 40), icmp.length), icmp) === 0;
  const isAsked = bytes[ipv6 + 7] === 255 && bytes[transport] === 135;
  if (!isRight || !isAsked || (isProbe && ndOption !== undefined)) return 'malformed_header';

  const target = icmp.slice(8, 24);
  const addresses = concat(target, isProbe ? allNodes : asker);
  const own = bytesOf([6, mac]);
  const advertisement = concat(
    bytesOf([4, 0x8800_0000], [4, isProbe ? 0xa000_0000 : 0xe000_0000]),
    target,
    bytesOf([2, 0x0201]),
    own,
  );
  writeUint(advertisement, 2, 2, BigInt(checksumOf(pseudoHeader(addresses, advertisement.length), advertisement)));
  const askerMac = ndOption === undefined ? bytes.slice(6, 12) : bytes.slice(ndOption + 2, ndOption + 8);
  packet.bytes = concat(
    isProbe ? allNodesMac : askerMac,
    own,
    bytes.slice(12, ipv6 + 4),
    bytesOf([2, advertisement.length], [1, 58], [1, 255]),
    addresses,
    advertisement,
  );
  // What was read of it stays, as far as it is no place.
  parsed.at.proto = ipv6 + 6;
  parsed.at.transport = ipv6 + 40;
  parsed.at.ndOption = ipv6 + 64;
  parsed.end = parsed.claim = packet.bytes.length;
  parsed.routed = false;
  return undefined;
}

/** RFC 792 and RFC 4443: an echo request is answered; nobody listens to anything else. */
export function replyToEcho({ bytes, parsed }: Packet): DropReason | undefined {
  const { ipv4, ipv6, transport } = parsed.at;
  const ip = ipv4 ?? ipv6;
  if (ip === undefined) return 'action_without_header';
  if (parsed.overlong) return 'malformed_header';
  const [proto, request, reply, addressesAt, addressBytes] = ipv4 === undefined ? [58, 128, 129, 8, 16] : [1, 8, 0, 12, 4];
  const isEcho =
    parsed.fields.get('ip_frag') === 0n &&
    parsed.fields.get('ip_proto') === BigInt(proto) &&
    transport !== undefined &&
    transport + 8 <= parsed.end &&
    bytes[transport] === request &&
    bytes[transport + 1] === 0;
  if (!isEcho) return 'no_service';

  bytes.set(concat(bytes.slice(6, 12), bytes.slice(0, 6)), 0);
  const [source, target] = [ip + addressesAt, ip + addressesAt + addressBytes];
  bytes.set(concat(bytes.slice(target, target + addressBytes), bytes.slice(source, target)), source);
  const setByte = (at: number, value: number, checksumAt?: number): void => {
    const before = bytes.slice(at, at + 2);
    bytes[at] = value;
    if (checksumAt !== undefined) adjustChecksum(bytes, checksumAt, before, bytes.slice(at, at + 2));
  };
  setByte(ip + (ipv4 === undefined ? 7 : 8), 64, ipv4 === undefined ? undefined : ip + 10);
  setByte(transport, reply, transport + 2);
  // 0 is no checksum of a message that is all zeros.
  if (read16(bytes, transport + 2) === 0) writeUint(bytes, transport + 2, 2, 0xffffn);
  return undefined;
}
