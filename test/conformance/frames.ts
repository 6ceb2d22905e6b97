import { writeUint } from '../support/reference/bytes.js';
import { checksumOf } from '../support/reference/checksum.js';

/** What a classifier looks at. */
export interface Header {
  readonly family: 4 | 6;
  readonly src: bigint;
  readonly dst: bigint;
  readonly proto: number;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly ttl?: number;
  readonly ethDst?: bigint;
  readonly ethSrc?: bigint;
}

/** A frame of 20 bytes behind IP, ports first: enough for the header of any protocol. Its transport checksum is 0. */
export function frameOf({
  family,
  src,
  dst,
  proto,
  srcPort = 0,
  dstPort = 0,
  ttl = 64,
  ethDst = 2n,
  ethSrc = 1n,
}: Header): string {
  const at = 14;
  const transport = at + (family === 4 ? 20 : 40);
  const bytes = new Uint8Array(transport + 20);
  const write = (offset: number, count: number, value: number | bigint): void => writeUint(bytes, offset, count, BigInt(value));
  write(0, 6, ethDst);
  write(6, 6, ethSrc);
  write(12, 2, family === 4 ? 0x0800 : 0x86dd);
  if (family === 4) {
    write(at, 4, 0x4500_0028);
    write(at + 8, 1, ttl);
    write(at + 9, 1, proto);
    write(at + 12, 4, src);
    write(at + 16, 4, dst);
    write(at + 10, 2, checksumOf(bytes.subarray(at, transport)));
  } else {
    write(at, 4, 0x6000_0000);
    write(at + 4, 2, 20);
    write(at + 6, 1, proto);
    write(at + 7, 1, ttl);
    write(at + 8, 16, src);
    write(at + 24, 16, dst);
  }
  write(transport, 2, srcPort);
  write(transport + 2, 2, dstPort);
  if (proto === 6) write(transport + 12, 1, 0x50);
  return Buffer.from(bytes).toString('hex');
}
