import { must, outcomeOf } from '../../../src/lab/command.js';
import { inside, type LabHost } from '../../../src/lab/plan.js';
import { parseIp } from '../../../src/model/address.js';
import { bytesOf, concat } from '../../support/reference/bytes.js';

const script = `
import socket, sys
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
out.sendto(bytes.fromhex(sys.argv[2]), (sys.argv[1], 0))`;

export interface Quoted {
  readonly src: readonly [address: string, port: number];
  readonly dst: readonly [address: string, port: number];
  /** 6 for TCP. */
  readonly proto: number;
}

/** Has a host send a Packet Too Big (RFC 4443, section 3.2) about a packet as if that had come to it. */
export async function sendTooBig({ namespace }: LabHost, to: string, mtu: number, { src, dst, proto }: Quoted): Promise<void> {
  const ends = [src, dst].map(([address]) => [16, parseIp(address)!.value] as const);
  const inner = concat(
    bytesOf([4, 6n << 28n], [2, 1400], [1, proto], [1, 63], ...ends),
    bytesOf([2, src[1]], [2, dst[1]], [4, 1], [4, 1], [4, 0x5010_ffff], [4, 0]),
  );
  // The kernel fills the checksum in.
  const message = concat(bytesOf([1, 2], [1, 0], [2, 0], [4, mtu]), inner);
  await must(inside(namespace, 'python3', '-c', script, to, Buffer.from(message).toString('hex')));
}

/** How many Packet Too Big came to a host's stack. */
export async function tooBigsSeen({ namespace }: LabHost): Promise<number> {
  const { text } = await outcomeOf(inside(namespace, 'cat', '/proc/net/snmp6'));
  return Number(/^Icmp6InPktTooBigs\s+(\d+)$/m.exec(text)?.[1]);
}
