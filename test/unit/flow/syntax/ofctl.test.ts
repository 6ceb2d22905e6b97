import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { identityKey, parseIdentity } from '../../../../src/flow/syntax/text.js';
import { VswitchError, type Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
import { makeTopology } from '../../../../src/model/topology.js';
import { anyFlow } from '../../../support/any-flow.js';

const examples: readonly (readonly [line: string, flow: FlowText])[] = [
  ['actions=drop', { actions: [{ type: 'drop' }] }],
  [
    'table=0,priority=100,in_port=p1,ip,nw_dst=10.0.0.0/24,actions=mod_dl_dst:02:00:00:00:00:01,output:p2',
    {
      table: 0,
      priority: 100,
      match: { in_port: 'p1', eth_type: 0x800, ipv4_dst: '10.0.0.0/24' },
      actions: [
        { type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:01' },
        { type: 'output', port: 'p2' },
      ],
    },
  ],
  [
    'nw_src=1.2.3.4, tp_dst=80, tcp, actions=set_field:02:00:00:00:00:02->eth_src,dec_ttl,IN_PORT',
    {
      match: { eth_type: 0x800, ip_proto: 6, ipv4_src: '1.2.3.4', tcp_dst: 80 },
      actions: [
        { type: 'set_field', field: 'eth_src', value: '02:00:00:00:00:02' },
        { type: 'dec_ttl' },
        { type: 'output', port: 'in_port' },
      ],
    },
  ],
  [
    'arp,nw_proto=1,nw_dst=10.0.0.1,dl_vlan=0xffff actions=arp_reply:02:00:00:00:00:03,in_port',
    {
      match: { eth_type: 0x806, arp_op: 1, arp_tpa: '10.0.0.1', vlan_vid: 0 },
      actions: [
        { type: 'arp_reply', mac: '02:00:00:00:00:03' },
        { type: 'output', port: 'in_port' },
      ],
    },
  ],
  [
    'icmp6,icmp_type=135,icmp_code=0,ipv6_dst=fd00::/8,dl_vlan=7,nw_ecn=1,nw_tos=184,actions=p2,3,"4"',
    {
      match: {
        eth_type: 0x86dd,
        ip_proto: 58,
        ip_ecn: 1,
        ip_dscp: 46,
        vlan_vid: 7,
        icmpv6_type: 135,
        icmpv6_code: 0,
        ipv6_dst: 'fd00::/8',
      },
      actions: [
        { type: 'output', port: 'p2' },
        { type: 'output', port: 3 },
        { type: 'output', port: '4' },
      ],
    },
  ],
  [
    ' cookie=0xffffffffffffffff, duration=7.2s, table=3, n_packets=9, n_bytes=900, dl_vlan=0,dl_type=0x88cc actions=drop:policy_refused',
    {
      cookie: '0xffffffffffffffff',
      table: 3,
      match: { vlan_vid: 0x1000, eth_type: 0x88cc },
      actions: [{ type: 'drop', reason: 'policy_refused' }],
    },
  ],
];
for (const [line, flow] of examples) test(`reads: ${line}`, (t) => t.deepEqual(parseOfctl(line), flow));

test('writes the words that ovs-ofctl has, with OXM names where it has none', (t) => {
  const match = { tcp_dst: '0x50/0xfff0', ipv4_dst: '10.0.0.0/255.255.255.0', ip_proto: 6, eth_type: 0x800, in_port: 'p1' };
  t.is(
    formatOfctl({ table: 2, cookie: 42, match, actions: [] }),
    'cookie=0x2a,table=2,priority=32768,in_port=p1,tcp,nw_dst=10.0.0.0/24,tp_dst=0x50/0xfff0,actions=drop',
  );
  t.is(
    formatOfctl({ priority: 1, match: { eth_type: 0x806, arp_tpa: '10.0.0.1', vlan_vid: '0x1000/0x1000' }, actions: [] }),
    'priority=1,arp,vlan_vid=0x1000/0x1000,arp_tpa=10.0.0.1,actions=drop',
  );
});

/** The faults of a line as `column value`, with what is wrong and what to do. */
const faultsOf = (line: string): readonly Fault[] => {
  try {
    parseOfctl(line);
  } catch (error) {
    if (error instanceof VswitchError && error.code === 'FLOW_INVALID') return error.faults;
    throw error;
  }
  return [];
};
const placesOf = (line: string): string[] => faultsOf(line).map(({ pointer, value }) => `${pointer} ${String(value)}`);

test('every wrong word is named with its column', (t) => {
  t.deepEqual(
    placesOf('prioritty=1,nw_dts=1.2.3.4,iq,table=255,cookie=x,actions=outptu:p1,NORMAL,set_field:1->tcp_dst,drop:why'),
    [
      '/column 28 iq',
      '/column 1 prioritty',
      '/column 13 nw_dts',
      '/column 31 255',
      '/column 41 x',
      '/column 58 outptu:p1',
      '/column 68 NORMAL',
      '/column 75 set_field:1->tcp_dst',
      '/column 96 drop:why',
    ],
  );
  t.is(faultsOf('nw_dts=1.2.3.4,ip,actions=drop')[0]?.remedy, 'did you mean "nw_dst"?');
  t.is(faultsOf('actions=outptu:p1')[0]?.remedy, 'did you mean "output"?');
});

for (const [line, place] of [
  ['ip', '/column 3 undefined'],
  ['toString=1,actions=drop', '/column 1 toString'],
  ['ip,actions=', '/column 12 undefined'],
  ['actions=output:', '/column 9 output:'],
  ['nw_dst=10.0.0.1,actions=drop', '/column 1 nw_dst'],
  ['ip,tp_dst=80,actions=drop', '/column 4 tp_dst'],
  ['tcp,udp,actions=drop', '/column 5 udp'],
  ['ip,nw_tos=3,actions=drop', '/column 4 3'],
  ['dl_vlan=4096,actions=drop', '/column 1 4096'],
  ['priority=65536,actions=drop', '/column 1 65536'],
  ['actions=dec_ttl:2', '/column 9 dec_ttl:2'],
  ['actions=mod_dl_src', '/column 9 mod_dl_src'],
] as const) {
  test(`refuses: ${line}`, (t) => t.deepEqual(placesOf(line), [place]));
}

/** Table, priority and match in one form; without in_port, since no port is known here. */
const noPorts = makeTopology([], [], undefined);
const identityOf = ({ match: { in_port: _, ...match } = {}, ...flow }: FlowText): string =>
  identityKey(parseIdentity({ ...flow, match }, noPorts, '', []));

testProp('what is written reads as the same flow, and is written the same again', [anyFlow], (t, flow) => {
  const line = formatOfctl(flow);
  const read = parseOfctl(line);
  t.is(formatOfctl(read), line);
  t.is(identityOf(read), identityOf(flow));
  t.is(read.match?.in_port, flow.match?.in_port);
  t.is(BigInt(read.cookie ?? 0), BigInt(flow.cookie ?? 0));
  t.deepEqual(read.actions, flow.actions);
});

const words = (line: string): [string[], string] => {
  const [head = '', actions = ''] = line.split(',actions=');
  return [head.split(','), actions];
};
testProp('the order of the words does not matter', [anyFlow, fc.infiniteStream(fc.nat())], (t, flow, order) => {
  const [head, actions] = words(formatOfctl(flow));
  const shuffled = head.map((word) => [Number(order.next().value), word] as const).sort(([a], [b]) => a - b);
  t.is(formatOfctl(parseOfctl(`${shuffled.map(([, word]) => word).join(', ')} actions=${actions}`)), formatOfctl(flow));
});
