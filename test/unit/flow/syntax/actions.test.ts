import test from 'ava';
import { formatFlow, parseFlow } from '../../../../src/flow/syntax/text.js';
import { instructionNames, type ActionText } from '../../../../src/model/action.js';
import type { Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
import type { MatchText } from '../../../../src/model/match.js';
import { oddTopology as topology } from '../../../support/flow-arbitrary.js';

function parse(text: FlowText) {
  const faults: Fault[] = [];
  return { flow: parseFlow(text, topology, '', faults), faults };
}
const places = (text: FlowText): string[] => parse(text).faults.map((fault) => fault.pointer);

const mac = '02:00:00:00:00:01';
const ip = { eth_type: 0x800 };
const tcp = { ...ip, ip_proto: 6 };
const vlan = { vlan_vid: '0x1000/0x1000' };
const set = (field: string, value: string | number) => ({ type: 'set_field', field, value }) as ActionText;
const push: ActionText = { type: 'push_vlan' };
const pop: ActionText = { type: 'pop_vlan' };
const decap: ActionText = { type: 'decap', tunnel: 'vxlan', vnis: [1] };
const encap: ActionText = {
  type: 'encap',
  tunnel: 'vxlan',
  vni: 5,
  eth_src: mac,
  eth_dst: mac,
  src: '192.0.2.1',
  dst: '192.0.2.2',
};

for (const [what, match, actions] of [
  ['fields of Ethernet and the pipeline', {}, [set('eth_dst', mac), set('metadata', 1), set('tunnel_id', '0xffffffffffffffff')]],
  ['what the match says', tcp, [set('ipv4_dst', '10.0.0.1'), set('tcp_dst', 80), set('ip_ttl', 9), { type: 'dec_ttl' }]],
  ['a tag that is matched', vlan, [set('vlan_vid', 5), set('vlan_pcp', 3), pop]],
  ['a tag that was pushed', {}, [push, set('vlan_vid', 5), push, pop, pop]],
  ['what was set before', {}, [set('eth_type', 0x86dd), set('ipv6_dst', 'fd00::1'), set('ip_proto', 17), set('udp_dst', 53)]],
  ['anything inside a tunnel', {}, [decap, pop, set('tcp_dst', 80), { type: 'dec_ttl' }]],
  ['the outer headers', {}, [encap, set('ipv4_dst', '10.0.0.1'), set('udp_src', 9), { type: 'dec_ttl' }]],
  ['an action set after the actions', {}, [{ type: 'write_actions', actions: [set('vlan_vid', 5), push] }]],
  ['an action set by what was pushed', {}, [{ type: 'write_actions', actions: [set('vlan_vid', 5)] }, push]],
] as const satisfies readonly (readonly [string, MatchText, readonly ActionText[]])[]) {
  test(`may be used: ${what}`, (t) => t.deepEqual(parse({ match, actions }).faults, []));
}

for (const [what, match, actions, place] of [
  ['a field of another protocol', tcp, [set('udp_dst', 53)], '/actions/0'],
  ['a field of an unknown protocol', ip, [set('tcp_dst', 80)], '/actions/0'],
  ['a TTL of any packet', {}, [{ type: 'dec_ttl' }], '/actions/0'],
  ['a TTL set in any packet', {}, [{ type: 'set_nw_ttl', ttl: 5 }], '/actions/0'],
  ['a tag that is not there', { vlan_vid: 0 }, [pop], '/actions/0'],
  ['a tag that was popped', vlan, [pop, set('vlan_vid', 5)], '/actions/1'],
  ['what was changed before', tcp, [set('ip_proto', 17), set('tcp_dst', 80)], '/actions/1'],
  ['what was hidden by a tunnel', tcp, [encap, set('tcp_dst', 80)], '/actions/1'],
  ['what was half changed', tcp, [set('ip_proto', '1/1'), set('tcp_dst', 80)], '/actions/1'],
  ['an answer twice', { eth_type: 0x806, arp_op: 1 }, [reply(), reply()], '/actions/1'],
  ['in an action set', ip, [{ type: 'write_actions', actions: [set('tcp_dst', 80)] }], '/actions/0/actions/0'],
] as const satisfies readonly (readonly [string, MatchText, readonly ActionText[], string])[]) {
  test(`is not there: ${what}`, (t) => {
    t.deepEqual(places({ match, actions }), [place]);
    t.regex(parse({ match, actions }).faults[0]?.remedy ?? '', /match/);
  });
}

function reply(): ActionText {
  return { type: 'arp_reply', mac };
}

for (const [what, actions, place] of [
  [
    'two of an instruction',
    [
      { type: 'goto_table', table: 4 },
      { type: 'goto_table', table: 5 },
    ],
    '/actions/1',
  ],
  ['an earlier table', [{ type: 'goto_table', table: 3 }], '/actions/0/table'],
  [
    'actions behind a punt',
    [
      { type: 'punt', handler: 1 },
      { type: 'output', port: 'up' },
    ],
    '/actions/0',
  ],
  [
    'two tables to go to',
    [
      { type: 'goto_table', table: 4 },
      { type: 'resubmit', table: 0 },
    ],
    '/actions/1/table',
  ],
  ['a drop that goes on', [{ type: 'drop' }, { type: 'goto_table', table: 4 }], '/actions/0'],
  ['an instruction in a set', [{ type: 'write_actions', actions: [{ type: 'clear_actions' }] }], '/actions/0/actions/0'],
  ['a meter in a set', [{ type: 'write_actions', actions: [{ type: 'meter', meter: 1 }] }], '/actions/0/actions/0'],
  ['a drop in a set', [{ type: 'write_actions', actions: [{ type: 'drop' }] }], '/actions/0/actions/0'],
  ['a tag that is none', [{ type: 'push_vlan', ethertype: 0x800 }], '/actions/0/ethertype'],
  ['a range of values', [encap, set('udp_src', '1-2')], '/actions/1/value'],
  ['no tag as a value', [push, set('vlan_vid', 0)], '/actions/1/value'],
  ['a mask of nothing', [set('eth_dst', '00:00:00:00:00:00/00:00:00:00:00:00')], '/actions/0/value'],
  ['metadata beyond its mask', [{ type: 'write_metadata', value: 3, mask: 1 }], '/actions/0/value'],
  ['metadata without a bit', [{ type: 'write_metadata', value: '0/0' }], '/actions/0/value'],
  ['metadata of no number', [{ type: 'write_metadata', value: 'x' }], '/actions/0/value'],
  ['metadata twice', [{ type: 'write_metadata', value: 1, metadata: 1 }], '/actions/0/metadata'],
  ['no metadata', [{ type: 'write_metadata' }], '/actions/0/value'],
  ['a mirror to nowhere', [{ type: 'mirror', port: 'nowhere' }], '/actions/0/port'],
  ['an outer group address', [{ ...encap, eth_src: '01:00:00:00:00:00' }], '/actions/0/eth_src'],
  ['an outer address that is none', [{ ...encap, src: '192.0.2' }], '/actions/0/src'],
  ['two IP versions', [{ ...encap, dst: 'fd00::1' }], '/actions/0/dst'],
] as const satisfies readonly (readonly [string, readonly ActionText[], string])[]) {
  test(`refused with its place: ${what}`, (t) => {
    t.deepEqual(places({ table: 3, actions }), [place]);
    t.not(parse({ table: 3, actions }).faults[0]?.remedy, undefined);
  });
}

const canonical = (actions: readonly ActionText[], match: MatchText = {}) => {
  const { flow, faults } = parse({ actions, match });
  if (!flow) throw new Error(JSON.stringify(faults));
  return formatFlow(flow, topology).actions;
};

test('instructions come last, in their order, wherever they stand', (t) => {
  const found = canonical([
    { type: 'goto_table', table: 5 },
    { type: 'output', port: 'up' },
    { type: 'write_metadata', metadata: '0x10', metadata_mask: '0xf0' },
    { type: 'write_actions', actions: [{ type: 'output', port: 'flood' }] },
    { type: 'meter', meter: 1 },
    { type: 'clear_actions' },
  ]);
  t.deepEqual(
    found.map(({ type }) => type),
    ['output', 'meter', ...instructionNames.filter((name) => name !== 'resubmit')],
  );
  t.like(found[4], { value: 16, mask: 240 });
});

test('a list of instructions alone drops nothing', (t) => {
  t.deepEqual(canonical([{ type: 'goto_table', table: 5 }]), [{ type: 'goto_table', table: 5 }]);
});

test('an action set has each action and field once, the last written, in the order in which it is done', (t) => {
  const actions = [
    { type: 'output', port: 'up' },
    set('vlan_vid', 5),
    set('eth_dst', mac),
    { type: 'group', group: 1 },
    push,
    set('vlan_vid', 6),
    { type: 'output', port: 'in_port' },
  ] as const;
  t.deepEqual(canonical([{ type: 'write_actions', actions }]), [
    {
      type: 'write_actions',
      actions: [
        { type: 'push_vlan', ethertype: 0x8100 },
        set('eth_dst', mac),
        set('vlan_vid', 6),
        { type: 'group', group: 1 },
        { type: 'output', port: 'in_port' },
      ],
    },
  ]);
});

test('set_nw_ttl is a set_field, and what is left out is filled in', (t) => {
  const { flow } = parse({ match: ip, actions: [{ type: 'set_nw_ttl', ttl: 9 }, { type: 'mirror', port: 'up' }, encap] });
  t.like(flow?.actions[0], { type: 'set_field', field: 'ip_ttl', value: 9n, mask: 255n });
  t.like(flow?.actions[1], { oneIn: 1, maxBytes: 0 });
  t.like(flow?.actions[2], { udpDst: 4789, ttl: 64, dscp: 0, checksum: false, family: 4 });
  t.deepEqual(canonical([encap]), [encap]);
  t.deepEqual(canonical([{ ...decap, vnis: [3, 1, 3] }]), [{ ...decap, vnis: [1, 3] }]);
});

test('a fault of the match or of an action is not said again of what hangs on it', (t) => {
  t.deepEqual(places({ match: { eth_type: 'x' }, actions: [{ type: 'dec_ttl' }] }), ['/match/eth_type']);
  t.deepEqual(places({ actions: [{ type: 'push_vlan', ethertype: 1 }, pop] }), ['/actions/0/ethertype']);
});
