import { ctStateBits } from '../../src/model/conntrack.js';
import type { Ends } from '../support/reference/tracked.js';
import type { Random } from './random.js';

/** Flows that a switch and its judge both take, as ovs-ofctl(8) has them: p1 and p3 are inside, p2 and p4 outside. */
export interface CtPolicy {
  readonly zone: number;
  /** Of connections from inside their source, or of those from outside their destination: to one address, and one port. */
  readonly nat: 'src' | 'dst' | undefined;
  readonly port: number | undefined;
  /** Who may open a connection; of the other side new ones are dropped. */
  readonly opens: 'inside' | 'outside' | 'both';
}

export function anyPolicy(random: Random): CtPolicy {
  const nat = random.pick(['src', 'src', 'dst', undefined, undefined] as const);
  const port = nat === undefined ? undefined : random.pick([nat === 'src' ? 5000 : 8080, undefined]);
  const opener = nat === 'dst' ? 'outside' : 'inside';
  return { zone: random.pick([0, 5, 65_535]), nat, port, opens: random.pick([opener, opener, 'both']) };
}

const outsideOf = { 4: '192.0.2.1', 6: 'fd01::1' } as const;
const insideOf = { 4: '10.0.0.1', 6: 'fd00::1' } as const;
const translated = {
  4: { src: 0xc000_0201n, dst: 0x0a00_0001n },
  6: { src: (0xfd01n << 112n) | 1n, dst: (0xfd00n << 112n) | 1n },
};

/** What the flows make of the ends of a connection that is opened from inside or outside. */
export function translate({ nat, port }: CtPolicy, inside: boolean, family: 4 | 6, isIcmp: boolean, ends: Ends): Ends {
  if (nat === undefined || inside !== (nat === 'src')) return ends;
  const ownPort = isIcmp ? undefined : port;
  return {
    ...ends,
    [nat]: translated[family][nat],
    ...(ownPort !== undefined && { [`${nat}Port`]: ownPort }),
  };
}

const families = [
  [4, 'ip', ['tcp', 'udp'], 'icmp'],
  [6, 'ipv6', ['tcp6', 'udp6'], 'icmp6'],
] as const;

/** Where the packet is told what it is: a bit of its destination address each. */
const firstTold = 3;
export const told = [...ctStateBits.map((name) => `ct_state=+${name}`), 'ct_mark=0x1/0x1', 'ct_mark=0x80000000/0x80000000'];

const hexByte = (value: number): string => value.toString(16).padStart(2, '0');
const macOf = (bit: number): string => `00:00:00:00:${hexByte((1 << bit) >> 8)}:${hexByte((1 << bit) & 0xff)}`;

export function policyLines({ zone, nat, port, opens }: CtPolicy): string[] {
  const look = `ct(zone=${zone}${nat === undefined ? '' : ',nat'},table=1)`;
  const commit = (inside: boolean, family: 4 | 6, withPort: boolean): string => {
    const own = nat !== undefined && inside === (nat === 'src');
    const address = (nat === 'src' ? outsideOf : insideOf)[family];
    const to = !withPort || port === undefined ? address : `${family === 6 ? `[${address}]` : address}:${port}`;
    return `ct(commit,zone=${zone},exec(set_field:${inside ? '0x1' : '0x80000000'}->ct_mark)${own ? `,nat(${nat}=${to})` : ''},table=2)`;
  };
  const sides = [true, false].filter((inside) => opens === 'both' || inside === (opens === 'inside'));
  const last = firstTold + told.length;
  return [
    'table=0,priority=9,dl_type=0x88b5,actions=drop',
    ...families.flatMap(([family, ip, withPorts, icmp]) => [
      `table=0,priority=1,${ip},actions=${look}`,
      ...sides.flatMap((inside) => [
        ...withPorts.map(
          (proto) =>
            `table=1,priority=9,in_port=${inside ? 1 : 2},${proto},ct_state=+new+trk,actions=${commit(inside, family, true)}`,
        ),
        `table=1,priority=9,in_port=${inside ? 1 : 2},${icmp},ct_state=+new+trk,actions=${commit(inside, family, false)}`,
      ]),
    ]),
    ...(opens === 'both' ? [] : [`table=1,priority=5,in_port=${opens === 'inside' ? 2 : 1},ct_state=+new+trk,actions=drop`]),
    'table=1,priority=1,actions=goto_table:2',
    `table=2,priority=1,actions=goto_table:${firstTold}`,
    ...told.flatMap((match, i) => [
      `table=${firstTold + i},priority=9,${match},actions=set_field:${macOf(i)}/${macOf(i)}->eth_dst,goto_table:${firstTold + i + 1}`,
      `table=${firstTold + i},priority=1,actions=goto_table:${firstTold + i + 1}`,
    ]),
    `table=${last},priority=1,in_port=1,actions=output:4`,
    `table=${last},priority=1,in_port=2,actions=output:3`,
  ];
}
