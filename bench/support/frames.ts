const ethernetBytes = 14;
const ipv4Bytes = 20;
/** The shortest Ethernet frame, without its FCS. */
export const minFrameBytes = 60;

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');

/** RFC 1071, over an even number of bytes. */
export function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A UDP frame of 60 bytes; addresses are 32-bit numbers. The UDP checksum is 0: not computed (RFC 768). */
export function udpFrame(frame: { dstMac: string; srcMac: string; src: number; dst: number; srcPort: number }): Buffer {
  const bytes = Buffer.alloc(minFrameBytes);
  macBytes(frame.dstMac).copy(bytes, 0);
  macBytes(frame.srcMac).copy(bytes, 6);
  bytes.writeUInt16BE(0x0800, 12);
  const ip = bytes.subarray(ethernetBytes, ethernetBytes + ipv4Bytes);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(minFrameBytes - ethernetBytes, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(17, 9);
  ip.writeUInt32BE(frame.src, 12);
  ip.writeUInt32BE(frame.dst, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);
  const udp = bytes.subarray(ethernetBytes + ipv4Bytes);
  udp.writeUInt16BE(frame.srcPort, 0);
  udp.writeUInt16BE(2000, 2);
  udp.writeUInt16BE(udp.length, 4);
  udp.writeUInt16BE(0, 6);
  return bytes;
}

/** A frame a flow: destinations 10.0.0.0, 10.0.0.1 and so on; up to 65,536 of them lie in 10.0.0.0/16. */
export const flowFrames = (flows: number): Buffer[] =>
  Array.from({ length: flows }, (_, i) =>
    udpFrame({
      dstMac: '02:00:00:00:00:01',
      srcMac: '02:00:00:00:00:02',
      src: 0xc0a80001,
      dst: 0x0a000000 + i,
      srcPort: 1024 + (i % 50_000),
    }),
  );
