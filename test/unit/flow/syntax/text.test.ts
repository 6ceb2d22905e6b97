import { fc, testProp } from '@fast-check/ava';
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { actionsKey } from '../../../../src/flow/syntax/action-text.js';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { formatFlow, identityKey, parseFlow } from '../../../../src/flow/syntax/text.js';
import { actionNames, settableFields } from '../../../../src/model/action.js';
import { VswitchError, type Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
import { matchFields } from '../../../../src/model/match.js';
import { flowText, oddTopology as topology } from '../../../support/flow-arbitrary.js';

function parse(text: FlowText) {
  const faults: Fault[] = [];
  const flow = parseFlow(text, topology, '', faults);
  return { flow, faults };
}

function must(text: FlowText) {
  const { flow, faults } = parse(text);
  if (!flow) throw new Error(JSON.stringify(faults));
  return flow;
}

testProp('a flow that is written out and read again is the same', [flowText], (t, text) => {
  const flow = must(text);
  const written = formatFlow(flow, topology);
  t.deepEqual(must(written), flow);
  t.deepEqual(formatFlow(must(written), topology), written);
});

testProp('so is one that becomes an ovs-ofctl line, and a line has one form', [flowText], (t, text) => {
  const flow = must(text);
  const line = formatOfctl(text);
  t.deepEqual(must(parseOfctl(line)), flow);
  t.is(formatOfctl(parseOfctl(line)), line);
  t.is(formatOfctl(formatFlow(flow, topology)), line);
});

testProp('flows have one key exactly where table, priority and match are equal', [flowText, flowText], (t, a, b) => {
  const [one, other] = [must(a), must(b)];
  t.is(identityKey(one) === identityKey(other), identity(one) === identity(other));
  t.is(identityKey(one), identityKey(must({ ...a, actions: [] })));
});

const identity = ({ table, priority, match }: ReturnType<typeof must>) =>
  JSON.stringify([table, priority, [...match].map(([name, field]) => [name, ...Object.values(field).map(String)])]);

testProp('lists of actions have one key exactly where they are equal', [flowText, flowText], (t, a, b) => {
  const [one, other] = [must(a).actions, must(b).actions];
  t.is(actionsKey(one), actionsKey(must(formatFlow(must(a), topology)).actions));
  t.is(actionsKey(one) === actionsKey(other), isDeepStrictEqual(one, other));
});

test('the canonical form: fields in order, defaults filled in', (t) => {
  const flow = must({ match: { ipv4_dst: '10.0.0.0/24', eth_type: 2048, in_port: 'up' }, actions: [] });
  t.deepEqual([...flow.match.keys()], ['in_port', 'eth_type', 'ipv4_dst']);
  t.deepEqual(flow.match.get('ipv4_dst'), { value: 0x0a000000n, mask: 0xffffff00n });
  t.like(flow, { table: 0, priority: 32768, cookie: 0n });
  t.deepEqual(flow.actions, [{ type: 'drop', reason: 'rule_drop' }]);
});

test('a port is named, or numbered where no port has the digits as its name', (t) => {
  const inPort = (port: string | number) => must({ match: { in_port: port }, actions: [] }).match.get('in_port')?.value;
  t.is(inPort('r1'), 2n);
  t.is(inPort(2), 2n);
  t.is(inPort('2'), 2n);
  t.is(inPort('3'), 77n);
  t.is(inPort(3), 3n);
});

for (const [vid, value, mask, written] of [
  [0, 0n, 0x1fffn, 0],
  [5, 0x1005n, 0x1fffn, 5],
  ['5', 0x1005n, 0x1fffn, 5],
  [4095, 0x1fffn, 0x1fffn, 4095],
  [4096, 0x1000n, 0x1fffn, 4096],
  [0x1005, 0x1005n, 0x1fffn, 5],
  ['0x1000/0x1000', 0x1000n, 0x1000n, '0x1000/0x1000'],
] as const) {
  test(`vlan_vid ${JSON.stringify(vid)}`, (t) => {
    const flow = must({ match: { vlan_vid: vid }, actions: [] });
    t.deepEqual(flow.match.get('vlan_vid'), { value, mask });
    t.is(formatFlow(flow, topology).match?.vlan_vid, written);
  });
}

const tcp = { eth_type: 2048, ip_proto: 6 };
const nd = { eth_type: 34525, ip_proto: 58 };
for (const [what, text, pointer] of [
  ['an unknown port', { match: { in_port: 'nowhere' } }, '/match/in_port'],
  ['an unknown output port', { actions: [{ type: 'output', port: 9 }] }, '/actions/0/port'],
  ['an octet beyond 255', { match: { eth_type: 2048, ipv4_dst: '10.0.0.256' } }, '/match/ipv4_dst'],
  ['an IPv6 address for IPv4', { match: { eth_type: 2048, ipv4_dst: '::1' } }, '/match/ipv4_dst'],
  ['host bits', { match: { eth_type: 2048, ipv4_dst: '10.0.0.1/24' } }, '/match/ipv4_dst'],
  ['a prefix that is too long', { match: { eth_type: 2048, ipv4_dst: '10.0.0.0/33' } }, '/match/ipv4_dst'],
  ['a mask that matches all', { match: { eth_type: 2048, ipv4_dst: '0.0.0.0/0' } }, '/match/ipv4_dst'],
  ['a short MAC address', { match: { eth_dst: '02:00:00:00:00' } }, '/match/eth_dst'],
  ['a MAC address that is too great', { match: { eth_dst: 2 ** 48 } }, '/match/eth_dst'],
  ['a number that is too great', { match: { eth_type: 65536 } }, '/match/eth_type'],
  ['a missing prerequisite', { match: { eth_type: 2048, tcp_dst: 80 } }, '/match/tcp_dst'],
  ['a contradicting prerequisite', { match: { eth_type: 2054, ipv4_dst: '10.0.0.1' } }, '/match/ipv4_dst'],
  ['a priority without a tag', { match: { vlan_vid: 0, vlan_pcp: 3 } }, '/match/vlan_pcp'],
  ['a tag without OFPVID_PRESENT', { match: { vlan_vid: '0x5/0x1fff' } }, '/match/vlan_vid'],
  ['a drop beside an output', { actions: [{ type: 'drop' }, { type: 'output', port: 'up' }] }, '/actions/0'],
  ['a TTL of any packet', { actions: [{ type: 'dec_ttl' }] }, '/actions/0'],
  ['an answer to any packet', { actions: [{ type: 'arp_reply', mac: '02:00:00:00:00:01' }] }, '/actions/0'],
  ['a range that begins after its end', { match: { ...tcp, tcp_dst: '9-8' } }, '/match/tcp_dst'],
  ['a range of all', { match: { ...tcp, tcp_dst: '0-65535' } }, '/match/tcp_dst'],
  ['a range beyond the ports', { match: { ...tcp, tcp_dst: '1-65536' } }, '/match/tcp_dst'],
  ['a range of what has none', { match: { ...tcp, ip_ttl: '1-2' } }, '/match/ip_ttl'],
  ['an unknown fragment', { match: { eth_type: 2048, ip_frag: 'last' } }, '/match/ip_frag'],
  ['an unknown flag', { match: { ...tcp, tcp_flags: '+syn+acc' } }, '/match/tcp_flags'],
  ['a flag twice', { match: { ...tcp, tcp_flags: '+syn-syn' } }, '/match/tcp_flags'],
  ['metadata that JSON rounds', { match: { metadata: 2 ** 60 } }, '/match/metadata'],
  ['a neighbour of another type', { match: { ...nd, icmpv6_type: 136, ipv6_nd_sll: '02:00:00:00:00:01' } }, '/match/ipv6_nd_sll'],
  ['a neighbour of no type', { match: { ...nd, ipv6_nd_target: 'fd00::1' } }, '/match/ipv6_nd_target'],
  ['a cookie that JSON rounds', { cookie: 2 ** 60 }, '/cookie'],
] as const) {
  test(`refused with its place: ${what}`, (t) => {
    const { flow, faults } = parse({ actions: [], ...text });
    t.is(flow, undefined);
    t.deepEqual(
      faults.map((fault) => fault.pointer),
      [pointer],
    );
    t.true(faults.every((fault) => fault.message !== '' && fault.remedy !== undefined));
  });
}

for (const [field, written, value, mask, again] of [
  ['tcp_dst', '1000-2000', 1000n, 0xffffn, '1000-2000'],
  ['tcp_dst', '0x400-0x7ff', 0x400n, 0xfc00n, '0x400/0xfc00'],
  ['tcp_dst', '80-80', 80n, 0xffffn, 80],
  ['tcp_flags', '+syn-ack', 2n, 0x12n, '0x2/0x12'],
  ['tcp_flags', '0x002/0x012', 2n, 0x12n, '0x2/0x12'],
  ['ip_frag', 'not_later', 0n, 2n, 'not_later'],
  ['ip_frag', '1/1', 1n, 1n, 'yes'],
  ['ip_frag', 3, 3n, 3n, 'later'],
  ['metadata', '0xffffffffffffffff', (1n << 64n) - 1n, (1n << 64n) - 1n, '0xffffffffffffffff'],
  ['metadata', '7', 7n, (1n << 64n) - 1n, 7],
  ['tunnel_id', '0x10/0xf0', 16n, 0xf0n, '0x10/0xf0'],
  ['ipv4_dst', 0x0a000001, 0x0a000001n, 0xffffffffn, '10.0.0.1'],
  ['eth_dst', '0x020000000001', 0x020000000001n, (1n << 48n) - 1n, '02:00:00:00:00:01'],
] as const) {
  test(`${field} ${JSON.stringify(written)}`, (t) => {
    const flow = must({ match: { ...tcp, [field]: written }, actions: [] });
    const found = flow.match.get(field);
    t.deepEqual([found?.value, found?.mask], [value, mask]);
    t.is(found?.high, written === '1000-2000' ? 2000n : undefined);
    t.is(formatFlow(flow, topology).match?.[field], again);
  });
}

test('timeouts are left out where there are none', (t) => {
  const flow = must({ idle_timeout: 5, actions: [] });
  t.like(flow, { idleTimeout: 5, hardTimeout: 0 });
  const written = formatFlow(flow, topology);
  t.is(written.idle_timeout, 5);
  t.false('hard_timeout' in written);
});

test('all faults of a flow come at once', (t) => {
  const { faults } = parse({
    match: { in_port: 'nowhere', eth_dst: 'x', tcp_dst: 80 },
    actions: [{ type: 'output', port: 'nowhere' }],
  });
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    ['/match/in_port', '/match/eth_dst', '/match/tcp_dst', '/actions/0/port'],
  );
});

testProp('no text makes the parser throw', [fc.string(), fc.string()], (t, value, mask) => {
  for (const { name } of matchFields) t.notThrows(() => parse({ match: { [name]: `${value}/${mask}` }, actions: [] }));
  for (const field of settableFields) t.notThrows(() => parse({ actions: [{ type: 'set_field', field, value }] }));
  t.notThrows(() => parse({ match: { eth_type: 2048, ip_proto: 6, tcp_dst: `${value}-${mask}` }, actions: [] }));
  t.notThrows(() => parse({ actions: [{ type: 'write_metadata', value, mask }] }));
});

testProp(
  'no line makes its parser throw anything but its faults',
  [fc.string(), fc.constantFrom(...actionNames)],
  (t, text, name) => {
    for (const line of [text, `${text},actions=${text}`, `actions=${name}(${text}`, `actions=${name}:${text}`])
      try {
        t.true(formatOfctl(parseOfctl(line)).length > 0);
      } catch (error) {
        t.true(error instanceof VswitchError && error.faults.length > 0, String(error));
      }
  },
);
