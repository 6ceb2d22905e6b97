import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ctStateBits } from '../../src/model/conntrack.js';
import type { PortFrame } from '../support/ct-cases/arena.js';
import { ipPacket } from '../support/ct-cases/frames.js';
import { concat } from '../support/reference/bytes.js';
import type { CtPolicy } from './ct-policies.js';

export const hasNftables = existsSync('/usr/sbin/nft') && existsSync('/usr/bin/python3') && process.getuid?.() === 0;

const router = { a: '02:00:00:00:01:01', b: '02:00:00:00:01:02' } as const;
const host = '02:00:00:00:02:01';
const insideNets = ['10.0.0.1', '10.0.0.2', '192.0.2.1', 'fd00::1', 'fd00::2', 'fd01::1'];
const outsideNets = ['198.51.100.1', '198.51.100.2', 'fd09::1', 'fd09::2'];

const sysctl = (path: string, value: number): string[] => ['sh', '-c', `echo ${value} >/proc/sys/net/${path}`];

/** Veths `a` and `b` with a router between their peers `ra` and `rb`, which sends by static neighbours. */
function commands(): string[][] {
  const ip = (...args: string[]): string[] => ['ip', ...args];
  return [
    sysctl('ipv6/conf/default/accept_dad', 0),
    ...(['a', 'b'] as const).flatMap((end) => [
      ip('link', 'add', 'name', end, 'type', 'veth', 'peer', 'name', `r${end}`, 'address', router[end]),
      sysctl(`ipv6/conf/${end}/disable_ipv6`, 1),
      ip('link', 'set', 'dev', end, 'up'),
      ip('link', 'set', `r${end}`, 'up'),
    ]),
    ...[[insideNets, 'ra'] as const, [outsideNets, 'rb'] as const].flatMap(([addresses, device]) =>
      addresses.flatMap((address) => [
        ip('route', 'add', address, 'dev', device),
        ip('neigh', 'add', address, 'lladdr', host, 'dev', device, 'nud', 'permanent'),
      ]),
    ),
    ...['all', 'ra', 'rb'].map((device) => sysctl(`ipv4/conf/${device}/rp_filter`, 0)),
    sysctl('ipv4/ip_forward', 1),
    sysctl('ipv6/conf/all/forwarding', 1),
    sysctl('netfilter/nf_conntrack_tcp_loose', 1),
    sysctl('netfilter/nf_conntrack_tcp_be_liberal', 0),
  ];
}

/** What the DSCP of a packet says: its state, and 8 more in the direction of answers. */
const states = ['new', 'established', 'related', 'invalid'] as const;
const ourStates = { new: 'new', established: 'est', related: 'rel', invalid: 'inv' } as const;
const answering = 8;

function rules({ nat, port, opens }: CtPolicy): string {
  const [from, hook, at] = nat === 'src' ? ['ra', 'postrouting', 'srcnat'] : ['rb', 'prerouting', 'dstnat'];
  const chainOf = (ip: 'ip' | 'ip6', icmp: string, public_: string, own: string): string => {
    const [action, to] = nat === 'src' ? ['snat', public_] : ['dnat', own];
    const withPort = port === undefined ? to : `${ip === 'ip6' ? `[${to}]` : to}:${port}`;
    const which = `iifname "${from}" meta l4proto`;
    return `table ${ip} n { chain c { type nat hook ${hook} priority ${at};
${which} { tcp, udp } ${action} to ${withPort}
${which} ${icmp} ${action} to ${to}
}
}`;
  };
  const natChains =
    nat === undefined
      ? ''
      : [chainOf('ip', 'icmp', '192.0.2.1', '10.0.0.1'), chainOf('ip6', 'icmpv6', 'fd01::1', 'fd00::1')].join('\n');
  const tell = states.flatMap((state, i) =>
    [
      ['ipv4', 'ip'],
      ['ipv6', 'ip6'],
    ].flatMap(([family, ip]) => [
      ...(state === 'invalid'
        ? []
        : [`meta nfproto ${family} ct state ${state} ct direction reply ${ip} dscp set ${answering + i + 1} accept`]),
      `meta nfproto ${family} ct state ${state} ${ip} dscp set ${i + 1} accept`,
    ]),
  );
  const deny = opens === 'both' ? '' : `iifname "${opens === 'inside' ? 'rb' : 'ra'}" ct state new drop`;
  return `table inet t { chain c { type filter hook forward priority 0; policy drop;
ip protocol 253 accept
${deny}
${tell.join('\n')}
}
}
${natChains}
`;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ethernet = (to: string, family: 4 | 6): Uint8Array =>
  Buffer.from(`${to.replaceAll(':', '')}020000000000${family === 4 ? '0800' : '86dd'}`, 'hex');
const toRouter = ({ port, frame }: PortFrame): string =>
  hexOf(concat(ethernet(port === 1 ? router.a : router.b, frame[12] === 8 ? 4 : 6), frame.subarray(14)));

/** Of a protocol that nobody speaks (RFC 3692). */
const marker = (inside: boolean): string => {
  const [own, other] = [0x0a00_0001n, 0xc633_6401n];
  const ends = { src: inside ? own : other, dst: inside ? other : own, srcPort: 0, dstPort: 0 };
  return hexOf(concat(ethernet(inside ? router.a : router.b, 4), ipPacket({ family: 4, proto: 253, ends })));
};

/** What comes of packets that are sent one by one to a router of its own, by nftables and the kernel's connection tracking. */
export async function throughNftables(policy: CtPolicy, packets: readonly PortFrame[]): Promise<PortFrame[][]> {
  const job = {
    commands: commands(),
    rules: rules(policy),
    markers: { 1: marker(true), 2: marker(false) },
    packets: packets.map((packet) => ({ port: packet.port, frame: toRouter(packet) })),
  };
  const script = join(import.meta.dirname, 'nft_router.py');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', '--net', '--', 'python3', script]);
  let [text, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part));
  child.stdin.end(JSON.stringify(job));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`the router with nftables: ${errors.trim()}`);
  const outs = JSON.parse(text) as (readonly [number, string])[][];
  // Behind p1 is p4, behind p2 p3, as in the flows.
  return outs.map((out) => out.map(([end, hex]) => ({ port: end === 2 ? 4 : 3, frame: Buffer.from(hex, 'hex') })));
}

const bare = (frame: Uint8Array): string => {
  const packet = Buffer.from(frame.subarray(14));
  if (packet[0]! >> 4 === 4) {
    packet[1] = 0;
    packet[8] = 0;
    packet.writeUInt16BE(0, 10);
  } else {
    packet.writeUInt32BE(0x6000_0000, 0);
    packet[7] = 0;
  }
  return packet.toString('hex');
};

/** Port, state and packet, without what a router changes. */
export const toldByNftables = (outs: readonly PortFrame[]): string =>
  outs
    .map(({ port, frame }) => {
      const dscp = frame[14]! >> 4 === 4 ? frame[15]! >> 2 : ((frame[14]! & 15) << 2) | (frame[15]! >> 6);
      const state = states[(dscp & 7) - 1];
      return `${port} ${state === undefined ? 'nothing' : ourStates[state]}${dscp & answering ? ' rpl' : ''} ${bare(frame)}`;
    })
    .join('\n');

/** The same of what the switch sent by the flows of ct-policies.ts. */
export const toldByFlows = (outs: readonly PortFrame[]): string =>
  outs
    .map(({ port, frame }) => {
      const has = (name: (typeof ctStateBits)[number]): boolean => ((frame[5]! >> ctStateBits.indexOf(name)) & 1) !== 0;
      const state = Object.values(ourStates).filter(has).join(' ');
      return `${port} ${state}${has('rpl') ? ' rpl' : ''} ${bare(frame)}`;
    })
    .join('\n');
