import { endsOf, type Layers } from './headers.js';

const udpBytes = 8;
const udp = 17;
/** The shortest Ethernet frame, without FCS. */
const shortestFrame = 60;

/** What a datagram carries; undefined where its length is none. */
export function payloadOf(frame: Uint8Array, { payload, end }: Layers): Uint8Array | undefined {
  if (payload + udpBytes > end) return undefined;
  const length = ((frame[payload + 4] ?? 0) << 8) | (frame[payload + 5] ?? 0);
  return length < udpBytes || payload + length > end ? undefined : frame.subarray(payload + udpBytes, payload + length);
}

/** A datagram back to who sent this one, from whom it was for. */
export function replyTo(frame: Uint8Array, layers: Layers, data: Uint8Array): Uint8Array {
  const { family, payload } = layers;
  const { source, destination } = endsOf(frame, layers);
  const datagram = Buffer.alloc(udpBytes + data.length);
  datagram.set(frame.subarray(payload + 2, payload + 4), 0);
  datagram.set(frame.subarray(payload, payload + 2), 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.set(data, udpBytes);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(datagram.length, 0);
  pseudo.writeUInt32BE(udp, 4);
  // 0 would say that there is none (RFC 768).
  datagram.writeUInt16BE(checksum([destination, source, pseudo, datagram]) || 0xffff, 6);
  const ip = family === 4 ? ipv4(destination, source, datagram.length) : ipv6(destination, source, datagram.length);
  const reply = Buffer.concat([frame.subarray(6, 12), frame.subarray(0, 6), frame.subarray(12, 14), ip, datagram]);
  return reply.length < shortestFrame ? Buffer.concat([reply, Buffer.alloc(shortestFrame - reply.length)]) : reply;
}

/** RFC 791; not to be fragmented. */
function ipv4(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x4500, 0);
  header.writeUInt16BE(20 + length, 2);
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt16BE((64 << 8) | udp, 8);
  header.set(source, 12);
  header.set(destination, 16);
  header.writeUInt16BE(checksum([header]), 10);
  return header;
}

/** RFC 8200. */
function ipv6(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = Buffer.alloc(40);
  header.writeUInt32BE(0x6000_0000, 0);
  header.writeUInt16BE(length, 4);
  header.writeUInt16BE((udp << 8) | 64, 6);
  header.set(source, 8);
  header.set(destination, 24);
  return header;
}

/** RFC 1071; all parts but the last have an even number of bytes. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) part.forEach((byte, i) => (sum += i % 2 === 0 ? byte << 8 : byte));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
