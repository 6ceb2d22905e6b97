import { internetChecksum } from '../../../src/replay/checksums.js';

/** An Ethernet frame, as far as the tests look. */
export interface Frame {
  readonly dst: string;
  readonly src: string;
  /** VLAN ids, the outer tag first. */
  readonly vlans: readonly number[];
  readonly etherType: number;
  readonly payload: Buffer;
}

export const broadcast = 'ff:ff:ff:ff:ff:ff';

const tagType = 0x8100;
const wordBytes = (word: number): Buffer => Buffer.from([word >> 8, word & 0xff]);
const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
const formatMac = (bytes: Buffer): string => bytes.toString('hex').replace(/..(?!$)/g, '$&:');

export function parseFrame(bytes: Buffer): Frame {
  const vlans = [];
  let at = 12;
  for (; bytes.readUInt16BE(at) === tagType; at += 4) vlans.push(bytes.readUInt16BE(at + 2) & 0xfff);
  return {
    dst: formatMac(bytes.subarray(0, 6)),
    src: formatMac(bytes.subarray(6, 12)),
    vlans,
    etherType: bytes.readUInt16BE(at),
    payload: bytes.subarray(at + 2),
  };
}

/** As bytes, padded to the shortest frame that Ethernet has. */
export function formatFrame({ dst, src, vlans, etherType, payload }: Frame): Buffer {
  const tags = vlans.map((id) => Buffer.concat([wordBytes(tagType), wordBytes(id)]));
  const frame = Buffer.concat([macBytes(dst), macBytes(src), ...tags, wordBytes(etherType), payload]);
  return Buffer.concat([frame, Buffer.alloc(Math.max(0, 60 - frame.length))]);
}

/** The VLAN of the outer tag; undefined without one. */
export const outerVlan = (bytes: Buffer): number | undefined =>
  bytes.readUInt16BE(12) === tagType ? bytes.readUInt16BE(14) & 0xfff : undefined;

export const tagged = (bytes: Buffer, vlan: number): Buffer =>
  Buffer.concat([bytes.subarray(0, 12), wordBytes(tagType), wordBytes(vlan), bytes.subarray(12)]);

export const untagged = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, 12), bytes.subarray(16)]);

/** Begins the mark of every frame that a test looks for. */
export const markPrefix = 'mts-vswitch/';

/** An EtherType for local experiments (IEEE 802, section 9.2.4). */
const experimental = 0x88b5;

/** A frame that nothing but the tests knows. */
export const marked = (dst: string, src: string, mark: string, vlans: readonly number[] = []): Frame => ({
  dst,
  src,
  vlans,
  etherType: experimental,
  payload: Buffer.from(markPrefix + mark),
});

/** @param mark what `marked` was given */
export const bearsMark = ({ payload }: Frame, mark: string): boolean => payload.includes(`${markPrefix}${mark}`);

/** A datagram (RFC 768, without a checksum) that bears a mark, from whomever it says. */
export function markedUdp(
  link: Pick<Frame, 'dst' | 'src'>,
  from: string,
  to: string,
  mark: string,
  vlans: readonly number[] = [],
): Frame {
  const payload = Buffer.from(markPrefix + mark);
  const [header, udp] = [Buffer.alloc(20), Buffer.alloc(8)];
  udp.writeUInt16BE(4000, 0);
  udp.writeUInt16BE(4000, 2);
  udp.writeUInt16BE(udp.length + payload.length, 4);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(header.length + udp.length + payload.length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(17, 9);
  Buffer.from(from.split('.').map(Number)).copy(header, 12);
  Buffer.from(to.split('.').map(Number)).copy(header, 16);
  header.writeUInt16BE(internetChecksum(header), 10);
  return { ...link, vlans, etherType: 0x0800, payload: Buffer.concat([header, udp, payload]) };
}
