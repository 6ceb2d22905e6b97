import { VswitchError, type Fault } from '../model/errors.js';
import { fieldOf, fullMask, type FieldName, type Match } from '../model/match.js';
import { internetChecksum, sctpChecksum } from './checksums.js';

/** 60 bytes: the shortest Ethernet frame, without FCS. */
const shortestFrame = 60;
const etherType = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
/** Of the packet in the pipeline, or said by headers that a list of fields does not describe. */
const unsaid: readonly FieldName[] = ['metadata', 'tunnel_id', 'ipv6_exthdr', 'ip_frag', 'ct_state', 'ct_zone', 'ct_mark'];

type Get = (field: FieldName, otherwise?: number) => bigint;

/**
 * A packet with these fields, zeros where they say nothing, a TTL of 64 and right checksums.
 * @param match exact values; in_port is not in the packet.
 * @throws VswitchError REQUEST_INVALID with a fault for each field that cannot be said so.
 */
export function composePacket(match: Match): Uint8Array {
  const faults = composeFaults(match);
  if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'these fields are no packet', faults);
  const get: Get = (field, otherwise = 0) => match.get(field)?.value ?? BigInt(otherwise);
  const tagged = match.has('vlan_vid') && get('vlan_vid') !== 0n;
  const tag = tagged ? bytesOf([2, 0x8100], [2, (get('vlan_pcp') << 13n) | (get('vlan_vid') & 0xfffn)]) : Buffer.alloc(0);
  const type = Number(get('eth_type'));
  const head = Buffer.concat([bytesOf([6, get('eth_dst')], [6, get('eth_src')]), tag, bytesOf([2, type])]);
  const frame = Buffer.concat([head, payloadOf(type, get, match)]);
  return Buffer.concat([frame, Buffer.alloc(Math.max(0, shortestFrame - frame.length))]);
}

/** What of these fields no packet can be made from. */
export const composeFaults = (match: Match): Fault[] =>
  [...match].flatMap(([field, { value, mask, high }]): Fault[] => {
    const fault = (message: string, remedy: string): Fault[] => [{ pointer: `/${field}`, message, remedy }];
    if (mask !== fullMask(fieldOf(field).spec.bits) || high !== undefined)
      return fault('has no one value', 'give a value without mask or range');
    return unsaid.includes(field) && value !== 0n ? fault('no packet is made from it', 'give the bytes of a packet in hex') : [];
  });

function payloadOf(type: number, get: Get, match: Match): Buffer {
  if (type === etherType.ipv4) return ipv4(get, match);
  if (type === etherType.ipv6) return ipv6(get, match);
  return type === etherType.arp ? arp(get) : Buffer.alloc(0);
}

const arp = (get: Get): Buffer =>
  bytesOf(
    [6, 0x0001_0800_0604],
    [2, get('arp_op', 1)],
    [6, get('arp_sha')],
    [4, get('arp_spa')],
    [6, get('arp_tha')],
    [4, get('arp_tpa')],
  );

const tos = (get: Get): bigint => (get('ip_dscp') << 2n) | get('ip_ecn');

function ipv4(get: Get, match: Match): Buffer {
  const addresses = bytesOf([4, get('ipv4_src')], [4, get('ipv4_dst')]);
  const payload = transport(get, match, addresses);
  const ttlAndProto = (get('ip_ttl', 64) << 8n) | get('ip_proto');
  const header = Buffer.concat([
    bytesOf([1, 0x45], [1, tos(get)], [2, 20 + payload.length], [4, 0], [2, ttlAndProto], [2, 0]),
    addresses,
  ]);
  header.writeUInt16BE(internetChecksum(header), 10);
  return Buffer.concat([header, payload]);
}

function ipv6(get: Get, match: Match): Buffer {
  const addresses = bytesOf([16, get('ipv6_src')], [16, get('ipv6_dst')]);
  const payload = transport(get, match, addresses);
  const first = (6n << 28n) | (tos(get) << 20n) | get('ipv6_flabel');
  const header = bytesOf([4, first], [2, payload.length], [1, get('ip_proto')], [1, get('ip_ttl', 64)]);
  return Buffer.concat([header, addresses, payload]);
}

const protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** @param addresses of the pseudo header (RFC 9293, section 3.1; RFC 8200, section 8.1). */
function transport(get: Get, match: Match, addresses: Buffer): Buffer {
  const proto = Number(get('ip_proto'));
  const summed = (segment: Buffer, at: number, pseudo = true): Buffer => {
    const before = pseudo ? Buffer.concat([addresses, bytesOf([4, segment.length], [4, proto])]) : Buffer.alloc(0);
    const sum = internetChecksum(Buffer.concat([before, segment]));
    segment.writeUInt16BE(sum === 0 && proto === protocol.udp ? 0xffff : sum, at);
    return segment;
  };
  switch (proto) {
    case protocol.tcp:
      return summed(
        bytesOf([2, get('tcp_src')], [2, get('tcp_dst')], [8, 0], [2, 0x5000n | get('tcp_flags')], [2, 0xffff], [4, 0]),
        16,
      );
    case protocol.udp:
      return summed(bytesOf([2, get('udp_src')], [2, get('udp_dst')], [2, 8], [2, 0]), 6);
    case protocol.sctp: {
      const packet = bytesOf([2, get('sctp_src')], [2, get('sctp_dst')], [8, 0]);
      packet.writeUInt32LE(sctpChecksum(packet), 8);
      return packet;
    }
    case protocol.icmp:
      return summed(bytesOf([1, get('icmpv4_type')], [1, get('icmpv4_code')], [6, 0]), 2, false);
    case protocol.icmpv6:
      return summed(Buffer.concat([bytesOf([1, get('icmpv6_type')], [1, get('icmpv6_code')], [6, 0]), neighbour(get, match)]), 2);
    default:
      return Buffer.alloc(0);
  }
}

/** Of neighbour discovery (RFC 4861): the target, and the link-layer address where one is given. */
function neighbour(get: Get, match: Match): Buffer {
  const type = Number(get('icmpv6_type'));
  if (type !== 135 && type !== 136) return Buffer.alloc(0);
  const target = bytesOf([16, get('ipv6_nd_target')]);
  const field = type === 135 ? 'ipv6_nd_sll' : 'ipv6_nd_tll';
  return match.has(field) ? Buffer.concat([target, bytesOf([1, type - 134], [1, 1], [6, get(field)])]) : target;
}

/** Big-endian numbers of so many bytes each. */
const bytesOf = (...parts: readonly (readonly [count: number, value: number | bigint])[]): Buffer =>
  Buffer.concat(parts.map(([count, value]) => Buffer.from(value.toString(16).padStart(2 * count, '0'), 'hex')));
