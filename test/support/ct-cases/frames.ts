import { bytesOf, concat, writeUint } from '../reference/bytes.js';
import { checksumOf } from '../reference/checksum.js';
import type { Ends } from '../reference/tracked.js';

/** What a packet of a case is, behind Ethernet. */
export interface Shape {
  readonly family: 4 | 6;
  readonly proto: number;
  readonly ends: Ends;
  /** TCP. */
  readonly flags?: number;
  readonly seq?: number;
  /** That follows seq, if left out. */
  readonly ack?: number;
  readonly window?: number;
  /** A whole number of words. */
  readonly options?: Uint8Array;
  /** Of an ICMP query or error. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Of an error: the IP packet that it is about, as much of it as is quoted. */
  readonly quoted?: Uint8Array;
  readonly payload?: number;
}

const addressBytes = { 4: 4, 6: 16 } as const;
const none = new Uint8Array();

/** A frame whose source address is its number, so that it is known again; the destination's bits are for what is found out. */
export const frameOf = (number: number, shape: Shape): Uint8Array =>
  concat(
    bytesOf([6, 0x0200_0000_0000], [6, 0x0200_0000_0000 + number], [2, shape.family === 4 ? 0x0800 : 0x86dd]),
    ipPacket(shape),
  );

export const numberOf = (frame: Uint8Array): number => Number(BigInt(`0x${Buffer.from(frame.subarray(8, 12)).toString('hex')}`));

/** Of no protocol that anybody tracks. */
export const fillerFrame = concat(bytesOf([6, 0x0200_0000_0000], [6, 0x0200_0000_0001], [2, 0x88b5]), new Uint8Array(46));

export function ipPacket(shape: Shape): Uint8Array {
  const { family, proto, ends } = shape;
  const bytes = addressBytes[family];
  const addresses = bytesOf([bytes, ends.src], [bytes, ends.dst]);
  const payload = transport(shape, addresses);
  if (family === 6) return concat(bytesOf([4, 6n << 28n], [2, payload.length], [1, proto], [1, 64]), addresses, payload);
  const header = concat(bytesOf([1, 0x45], [1, 0], [2, 20 + payload.length], [4, 0], [1, 64], [1, proto], [2, 0]), addresses);
  writeUint(header, 10, 2, BigInt(checksumOf(header)));
  return concat(header, payload);
}

function transport(shape: Shape, addresses: Uint8Array): Uint8Array {
  const {
    proto,
    ends,
    flags = 0,
    seq = 0,
    window = 0xffff,
    options = none,
    icmpType = 8,
    icmpCode = 0,
    quoted,
    payload = 0,
  } = shape;
  const ack = shape.ack ?? (flags & 16 ? seq + 1 : 0);
  const data = new Uint8Array(payload).fill(0x5a);
  const ports = [
    [2, ends.srcPort],
    [2, ends.dstPort],
  ] as const;
  const summed = (segment: Uint8Array, at: number, pseudo: boolean): Uint8Array => {
    const before = pseudo ? concat(addresses, bytesOf([4, segment.length], [4, proto])) : none;
    writeUint(segment, at, 2, BigInt(checksumOf(before, segment) || (proto === 17 ? 0xffff : 0)));
    return segment;
  };
  switch (proto) {
    case 6: {
      const words = 5 + options.length / 4;
      const header = bytesOf(...ports, [4, seq], [4, ack], [2, (words << 12) | flags], [2, window], [4, 0]);
      return summed(concat(header, options, data), 16, true);
    }
    case 17:
      return summed(concat(bytesOf(...ports, [2, 8 + payload], [2, 0]), data), 6, true);
    case 1:
    case 58:
      return summed(
        concat(bytesOf([1, icmpType], [1, icmpCode], [2, 0], [4, quoted ? 0 : ends.srcPort * 65536]), quoted ?? data),
        2,
        proto === 58,
      );
    default:
      return data;
  }
}
