/** RFC 1071. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  bytes.forEach((byte, i) => (sum += i % 2 === 0 ? byte << 8 : byte));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** CRC32c of a packet whose checksum field is 0; stored little endian (RFC 9260, appendix A). */
export function sctpChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
