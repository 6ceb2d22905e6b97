const ethernetBytes = 14;
const ipv4Bytes = 20;
const ipv6Bytes = 40;
const udpBytes = 8;
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

export interface FrameFields {
  readonly dstMac?: string;
  readonly srcMac?: string;
  /** Addresses are 32-bit numbers. */
  readonly src: number;
  readonly dst: number;
  /** 17 (UDP) where left out. */
  readonly proto?: number;
  readonly srcPort?: number;
  readonly dstPort?: number;
  /** 60 where left out. */
  readonly bytes?: number;
}

const udp = 17;
const tcp = 6;

/** An IPv4 frame, of UDP unless it says otherwise. The UDP checksum is 0: not computed (RFC 768). */
export function ipv4Frame(fields: FrameFields): Buffer {
  const { dstMac = '02:00:00:00:00:01', srcMac = '02:00:00:00:00:02', proto = udp, srcPort = 1000, dstPort = 2000 } = fields;
  const bytes = Buffer.alloc(fields.bytes ?? minFrameBytes);
  macBytes(dstMac).copy(bytes, 0);
  macBytes(srcMac).copy(bytes, 6);
  bytes.writeUInt16BE(0x0800, 12);
  const ip = bytes.subarray(ethernetBytes, ethernetBytes + ipv4Bytes);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(bytes.length - ethernetBytes, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(proto, 9);
  ip.writeUInt32BE(fields.src, 12);
  ip.writeUInt32BE(fields.dst, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);
  const transport = bytes.subarray(ethernetBytes + ipv4Bytes);
  if (proto === udp || proto === tcp) {
    transport.writeUInt16BE(srcPort, 0);
    transport.writeUInt16BE(dstPort, 2);
  }
  if (proto === udp) transport.writeUInt16BE(transport.length, 4);
  if (proto === tcp) transport.writeUInt8(0x50, 12);
  return bytes;
}

/** An IPv6 frame of UDP without a payload, from 2001:db8::1. Addresses are 128-bit numbers. */
export function ipv6Frame({ dst, srcPort }: { readonly dst: bigint; readonly srcPort: number }): Buffer {
  const bytes = Buffer.alloc(ethernetBytes + ipv6Bytes + udpBytes);
  macBytes('02:00:00:00:00:01').copy(bytes, 0);
  macBytes('02:00:00:00:00:02').copy(bytes, 6);
  bytes.writeUInt16BE(0x86dd, 12);
  const ip = bytes.subarray(ethernetBytes);
  ip.writeUInt8(0x60, 0);
  ip.writeUInt16BE(udpBytes, 4);
  ip.writeUInt8(udp, 6);
  ip.writeUInt8(64, 7);
  ip.write('20010db8000000000000000000000001', 8, 'hex');
  ip.write(dst.toString(16).padStart(32, '0'), 24, 'hex');
  const transport = ip.subarray(ipv6Bytes);
  transport.writeUInt16BE(srcPort, 0);
  transport.writeUInt16BE(2000, 2);
  transport.writeUInt16BE(udpBytes, 4);
  const pseudoHeader = Buffer.from([0, 0, 0, udpBytes, 0, 0, 0, udp]);
  transport.writeUInt16BE(internetChecksum(Buffer.concat([ip.subarray(8), pseudoHeader])) || 0xffff, 6);
  return bytes;
}

/** A frame a flow: destinations 10.0.0.0, 10.0.0.1 and so on; 16,777,216 of them lie in 10.0.0.0/8. */
export const flowFrames = (flows: number): Buffer[] =>
  Array.from({ length: flows }, (_, i) => ipv4Frame({ src: 0xc0a80001, dst: 0x0a000000 + i, srcPort: 1024 + (i % 50_000) }));
