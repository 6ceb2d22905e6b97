import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { formatOfctl, parseOfctl, type OfctlFlow } from '../../../../src/flow/syntax/ofctl.js';
import { parseFlow } from '../../../../src/flow/syntax/text.js';
import { VswitchError, type Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
import { portName, portNumber } from '../../../../src/model/ids.js';
import { makeTopology, type Topology, type TopologyPort } from '../../../../src/model/topology.js';
import { anyFlow } from '../../../support/any-flow.js';

const examples: readonly (readonly [line: string, flow: OfctlFlow])[] = [
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
  [
    'table=1,cookie=0x10/0xf0,idle_timeout=5,hard_timeout=60,sctp6,tp_src=7,tp_dst=1000-2000,nw_ttl=64,ipv6_label=0x12345,metadata=0x1/0xf,tun_id=5,ip_frag=first,actions=FLOOD',
    {
      table: 1,
      cookie: 16,
      cookie_mask: 240,
      idle_timeout: 5,
      hard_timeout: 60,
      match: {
        eth_type: 0x86dd,
        ip_proto: 132,
        sctp_src: 7,
        sctp_dst: '1000-2000',
        ip_ttl: 64,
        ipv6_flabel: 0x12345,
        metadata: '0x1/0xf',
        tunnel_id: 5,
        ip_frag: 'first',
      },
      actions: [{ type: 'output', port: 'flood' }],
    },
  ],
  [
    'icmp6,icmp_type=135,nd_target=fd00::1,nd_sll=02:00:00:00:00:01,actions=drop',
    {
      match: {
        eth_type: 0x86dd,
        ip_proto: 58,
        icmpv6_type: 135,
        ipv6_nd_target: 'fd00::1',
        ipv6_nd_sll: '02:00:00:00:00:01',
      },
      actions: [{ type: 'drop' }],
    },
  ],
  [
    'tcp,tcp_flags=+syn-ack,tp_src=0x400/0xfc00,actions=mod_tp_dst:80,mod_nw_src:10.0.0.1,mod_nw_tos:184,mod_nw_ttl:9,set_field:0x10/0xf0->tp_src',
    {
      match: { eth_type: 0x800, ip_proto: 6, tcp_flags: '+syn-ack', tcp_src: '0x400/0xfc00' },
      actions: [
        { type: 'set_field', field: 'tcp_dst', value: 80 },
        { type: 'set_field', field: 'ipv4_src', value: '10.0.0.1' },
        { type: 'set_field', field: 'ip_dscp', value: 46 },
        { type: 'set_field', field: 'ip_ttl', value: 9 },
        { type: 'set_field', field: 'tcp_src', value: '0x10/0xf0' },
      ],
    },
  ],
  [
    'vlan_tci=0x1000/0x1000,actions=strip_vlan,push_vlan:0x88a8,mod_vlan_vid:0,set_field:4097->vlan_vid,pop_vlan',
    {
      match: { vlan_vid: '4096/4096' },
      actions: [
        { type: 'pop_vlan' },
        { type: 'push_vlan', ethertype: 0x88a8 },
        { type: 'set_field', field: 'vlan_vid', value: 4096 },
        { type: 'set_field', field: 'vlan_vid', value: 4097 },
        { type: 'pop_vlan' },
      ],
    },
  ],
  ['vlan_tci=0xb005,actions=drop', { match: { vlan_vid: 0x1005, vlan_pcp: 5 }, actions: [{ type: 'drop' }] }],
  ['dl_vlan_pcp=3,actions=drop', { match: { vlan_vid: '0x1000/0x1000', vlan_pcp: 3 }, actions: [{ type: 'drop' }] }],
  [
    'arp,nw_src=10.0.0.1,actions=set_field:10.0.0.2->ip_src',
    { match: { eth_type: 0x806, arp_spa: '10.0.0.1' }, actions: [{ type: 'set_field', field: 'arp_spa', value: '10.0.0.2' }] },
  ],
  ['vlan_tci=0,actions=drop', { match: { vlan_vid: 0 }, actions: [{ type: 'drop' }] }],
  [
    'actions=meter:3,group:1,write_metadata:0x10/0xf0,write_actions(mirror(port="7",one_in=10),output:"FLOOD",dec_ttl),clear_actions,goto_table:5',
    {
      actions: [
        { type: 'meter', meter: 3 },
        { type: 'group', group: 1 },
        { type: 'write_metadata', value: 16, mask: 240 },
        {
          type: 'write_actions',
          actions: [{ type: 'mirror', port: '7', one_in: 10 }, { type: 'output', port: 'FLOOD' }, { type: 'dec_ttl' }],
        },
        { type: 'clear_actions' },
        { type: 'goto_table', table: 5 },
      ],
    },
  ],
  [
    'actions=decap(tunnel=vxlan,vni=5,vni=6),encap(tunnel=geneve,vni=tunnel_id,eth_src=02:00:00:00:00:01,eth_dst=02:00:00:00:00:02,src=fd00::1,dst=fd00::2,udp_dst=6082,ttl=9,dscp=inherit,checksum=false)',
    {
      actions: [
        { type: 'decap', tunnel: 'vxlan', vnis: [5, 6] },
        {
          type: 'encap',
          tunnel: 'geneve',
          vni: 'tunnel_id',
          eth_src: '02:00:00:00:00:01',
          eth_dst: '02:00:00:00:00:02',
          src: 'fd00::1',
          dst: 'fd00::2',
          udp_dst: 6082,
          ttl: 9,
          dscp: 'inherit',
          checksum: false,
        },
      ],
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
    placesOf('prioritty=1,nw_dts=1.2.3.4,iq,table=255,cookie=x,actions=outptu:p1,NORMAL,set_field:1->in_port,drop:why'),
    [
      '/column 28 iq',
      '/column 1 prioritty',
      '/column 13 nw_dts',
      '/column 31 255',
      '/column 41 x',
      '/column 58 outptu:p1',
      '/column 68 NORMAL',
      '/column 75 set_field:1->in_port',
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
  ['idle_timeout=65536,actions=drop', '/column 1 65536'],
  ['cookie=1/2/3,actions=drop', '/column 1 1/2/3'],
  ['vlan_tci=2/1,actions=drop', '/column 1 2/1'],
  ['actions=resubmit(1)', '/column 9 resubmit(1)'],
  ['actions=CONTROLLER:65535', '/column 9 CONTROLLER:65535'],
  ['actions=mod_tp_dst:80', '/column 9 mod_tp_dst:80'],
  ['icmp,actions=mod_tp_dst:8', '/column 14 mod_tp_dst:8'],
  ['actions=write_actions(dec_ttl', '/column 9 write_actions(dec_ttl'],
  ['actions=p1,write_actions(dec_ttl,output:NORMAL)', '/column 34 output:NORMAL'],
  ['actions=mirror(port=p1,size=1)', '/column 24 size=1'],
  ['actions=mirror(port=p1,port=p2)', '/column 24 port=p2'],
  ['actions=encap(tunnel=vxlan,vni=1)', '/column 9 encap(tunnel=vxlan,vni=1)'],
  ['actions=decap(tunnel=gre,vni=1)', '/column 9 decap(tunnel=gre,vni=1)'],
  ['actions=decap(tunnel=vxlan,vni=a)', '/column 9 decap(tunnel=vxlan,vni=a)'],
  ['actions=goto_table', '/column 9 goto_table'],
  ['actions=dec_ttl:2', '/column 9 dec_ttl:2'],
  ['actions=mod_dl_src', '/column 9 mod_dl_src'],
] as const) {
  test(`refuses: ${line}`, (t) => t.deepEqual(placesOf(line), [place]));
}

/** Ports that have every name and number of a flow, so that it can be parsed. */
function topologyOf({ match = {}, actions }: FlowText): Topology {
  const all = actions.flatMap((action) => (action.type === 'write_actions' ? [action, ...action.actions] : [action]));
  const written = all.flatMap((action) => (action.type === 'output' || action.type === 'mirror' ? [action.port] : []));
  const ports = [...new Set([...written, match.in_port].filter((port) => port !== undefined))];
  const named = ports.filter((port) => typeof port === 'string' && port !== 'in_port' && port !== 'flood');
  const numbers = new Set(ports.filter((port) => typeof port === 'number'));
  const free = Array.from({ length: 500 }, (_, i) => i + 1).filter((number) => !numbers.has(number));
  const portOf = (name: string | number, number: number): TopologyPort => ({
    number: portNumber(number),
    name: portName(String(name)),
    role: { kind: 'uplink' },
    mac: undefined,
    open: true,
  });
  return makeTopology(
    [...[...numbers].map((number) => portOf(`n${number}`, number)), ...named.map((name, i) => portOf(name, free[i] ?? 0))],
    [],
    undefined,
  );
}

testProp('what is written reads as the same flow, and is written the same again', [anyFlow], (t, flow) => {
  const line = formatOfctl(flow);
  const read = parseOfctl(line);
  t.is(formatOfctl(read), line);
  const topology = topologyOf(flow);
  const faults: Fault[] = [];
  const parsed = parseFlow(flow, topology, '', faults);
  t.deepEqual(faults, []);
  t.deepEqual(parseFlow(read, topology, '', faults), parsed);
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
