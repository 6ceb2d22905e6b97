import { read16, writeUint } from './bytes.js';

const fold = (sum: number): number => {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
};

/** The Internet checksum (RFC 1071) of parts that are each a whole number of 16-bit words, the last one aside. */
export function checksumOf(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += read16(part, i);
    if (part.length % 2 === 1) sum += part[part.length - 1]! << 8;
  }
  return ~fold(sum) & 0xffff;
}

/**
 * RFC 1624, equation 3: HC' = ~(~HC + ~m + m'), for each 16-bit word, changed or not: so a checksum of 0xffff, which is the same number
 * and no sender writes, becomes 0.
 * @param at of the checksum within `bytes`.
 */
export function adjustChecksum(bytes: Uint8Array, at: number, before: Uint8Array, after: Uint8Array): void {
  let sum = ~read16(bytes, at) & 0xffff;
  for (let i = 0; i < before.length; i += 2) sum = fold(sum + (~read16(before, i) & 0xffff) + read16(after, i));
  writeUint(bytes, at, 2, BigInt(~sum & 0xffff));
}

/** UDP (RFC 768): 0 says that there is none, and stays; one that comes to 0 is sent as all ones. */
export function adjustUdpChecksum(bytes: Uint8Array, at: number, before: Uint8Array, after: Uint8Array): void {
  if (read16(bytes, at) === 0) return;
  adjustChecksum(bytes, at, before, after);
  if (read16(bytes, at) === 0) writeUint(bytes, at, 2, 0xffffn);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** CRC-32C of the bytes, begun with `start`, and as it is: neither end is turned over. */
export function crc32c(bytes: Uint8Array, start: number): number {
  let crc = start;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return crc >>> 0;
}

/** CRC32c of an SCTP packet with its checksum field as 0 (RFC 9260, appendix A), in the byte order of the field. */
export function sctpChecksum(packet: Uint8Array): number {
  const bytes = Uint8Array.from(packet); // slice() of a Buffer would be the packet itself
  bytes.fill(0, 8, 12);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, ~crc32c(bytes, 0xffffffff) >>> 0, true);
  return view.getUint32(0);
}
