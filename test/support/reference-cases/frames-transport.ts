import type { FieldName } from '../../../src/model/match.js';
import { bytesOf, concat, read16, writeUint } from '../reference/bytes.js';
import { checksumOf, sctpChecksum } from '../reference/checksum.js';
import { pool } from './pools.js';
import type { Shape, TransportShape } from './shapes.js';

/** A field of the packet that is built. */
export type Get = (field: FieldName) => bigint;

/** Bytes that differ, so that one in the wrong place is seen. */
export const plainBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * 37 + 11) & 0xff);

/** Where each protocol's checksum is. */
const checksumAt = new Map([
  [1, 2],
  [6, 16],
  [17, 6],
  [58, 2],
  [132, 8],
]);

/** What IP carries. @param addresses of the pseudo header. */
export function transportPacket(get: Get, shape: Shape, addresses: Uint8Array, udpPayload: Uint8Array): Uint8Array {
  const proto = Number(get('ip_proto'));
  const odd = shape.transport ?? {};
  const segment = segmentOf(proto, get, odd, proto === 17 ? udpPayload : plainBytes(shape.payload));
  const at = checksumAt.get(proto);
  if (at === undefined || odd.checksum === 'none') return segment;
  if (odd.checksum === 'zero_soon' && proto === 17) {
    // RFC 1624, equation 3, turned round: ~HC = m - m'.
    writeUint(segment, at, 2, BigInt(checksumOf(bytesOf([2, get('udp_dst')], [2, ~pool.udp_dst[1]! & 0xffffn]))));
    return segment;
  }
  const wrong = odd.checksum === 'wrong' ? 0x1234 : 0;
  if (proto === 132) {
    writeUint(segment, at, 4, BigInt((sctpChecksum(segment) ^ wrong) >>> 0));
    return segment;
  }
  const pseudo = proto === 1 ? new Uint8Array() : concat(addresses, bytesOf([4, proto], [4, segment.length]));
  writeUint(segment, at, 2, BigInt((checksumOf(pseudo, segment) || 0xffff) ^ wrong));
  return segment;
}

function segmentOf(proto: number, get: Get, odd: TransportShape, data: Uint8Array): Uint8Array {
  switch (proto) {
    case 6: {
      const words = odd.dataOffset ?? 5;
      const flags = (BigInt(words) << 12n) | (get('tcp_flags') & 0xfffn);
      const options = plainBytes(Math.max(0, words - 5) * 4);
      const ports = bytesOf([2, get('tcp_src')], [2, get('tcp_dst')]);
      return concat(ports, bytesOf([8, 0x1234_5678], [2, flags], [2, 0xffff], [4, 0]), options, data);
    }
    case 17: {
      const length = Math.max(0, 8 + data.length + (odd.lengthError ?? 0));
      return concat(bytesOf([2, get('udp_src')], [2, get('udp_dst')], [2, length], [2, 0]), data);
    }
    case 132:
      return concat(bytesOf([2, get('sctp_src')], [2, get('sctp_dst')], [4, 0xabcd], [4, 0]), data);
    case 1:
      return concat(bytesOf([1, get('icmpv4_type')], [1, get('icmpv4_code')], [2, 0], [4, 7]), data);
    case 58:
      return concat(bytesOf([1, get('icmpv6_type')], [1, get('icmpv6_code')], [2, 0], [4, 0]), neighbour(get, odd, data));
    default:
      return data;
  }
}

/** RFC 4861: the target and options, of which one is the link-layer address if nothing else is asked for. */
function neighbour(get: Get, { options }: TransportShape, data: Uint8Array): Uint8Array {
  const type = Number(get('icmpv6_type'));
  if (type !== 135 && type !== 136) return data;
  const address = (kind: number): bigint => (kind === 1 ? get('ipv6_nd_sll') : kind === 2 ? get('ipv6_nd_tll') : 0x1234n);
  // The address of the first is that which is asked for.
  const written = (options ?? [{ type: type - 134, words: 1 }]).map(({ type: kind, words }, i) =>
    concat(bytesOf([1, kind], [1, words], [6, address(kind) + BigInt(i) * 256n]), plainBytes(Math.max(0, words - 1) * 8)),
  );
  return concat(bytesOf([16, get('ipv6_nd_target')]), ...written);
}

/** Turns a right checksum into a wrong one. */
export function spoil(bytes: Uint8Array, at: number): void {
  writeUint(bytes, at, 2, BigInt(read16(bytes, at) ^ 0x1234));
}
