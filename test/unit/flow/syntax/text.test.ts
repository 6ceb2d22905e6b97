import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { formatFlow, identityKey, parseFlow } from '../../../../src/flow/syntax/text.js';
import type { Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
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
  const [one, other] = [must(a), must({ ...b, actions: a.actions })];
  const same = one.priority === other.priority && JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
  t.is(identityKey(one) === identityKey(other), same);
  t.is(identityKey(one), identityKey(must({ ...a, actions: b.actions })));
});

const sorted = ({ match }: ReturnType<typeof must>) =>
  [...match].map(([name, { value, mask }]) => [name, String(value), String(mask)]);

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

for (const [what, text, pointer] of [
  ['an unknown port', { match: { in_port: 'nowhere' } }, '/match/in_port'],
  ['an unknown output port', { actions: [{ type: 'output', port: 9 }] }, '/actions/0/port'],
  ['an octet beyond 255', { match: { eth_type: 2048, ipv4_dst: '10.0.0.256' } }, '/match/ipv4_dst'],
  ['an IPv6 address for IPv4', { match: { eth_type: 2048, ipv4_dst: '::1' } }, '/match/ipv4_dst'],
  ['host bits', { match: { eth_type: 2048, ipv4_dst: '10.0.0.1/24' } }, '/match/ipv4_dst'],
  ['a prefix that is too long', { match: { eth_type: 2048, ipv4_dst: '10.0.0.0/33' } }, '/match/ipv4_dst'],
  ['a mask that matches all', { match: { eth_type: 2048, ipv4_dst: '0.0.0.0/0' } }, '/match/ipv4_dst'],
  ['a short MAC address', { match: { eth_dst: '02:00:00:00:00' } }, '/match/eth_dst'],
  ['a MAC address as a number', { match: { eth_dst: 5 } }, '/match/eth_dst'],
  ['a number that is too great', { match: { eth_type: 65536 } }, '/match/eth_type'],
  ['a missing prerequisite', { match: { eth_type: 2048, tcp_dst: 80 } }, '/match/tcp_dst'],
  ['a contradicting prerequisite', { match: { eth_type: 2054, ipv4_dst: '10.0.0.1' } }, '/match/ipv4_dst'],
  ['a priority without a tag', { match: { vlan_vid: 0, vlan_pcp: 3 } }, '/match/vlan_pcp'],
  ['a tag without OFPVID_PRESENT', { match: { vlan_vid: '0x5/0x1fff' } }, '/match/vlan_vid'],
  ['a drop beside an output', { actions: [{ type: 'drop' }, { type: 'output', port: 'up' }] }, '/actions/0'],
  ['a TTL of any packet', { actions: [{ type: 'dec_ttl' }] }, '/actions/0'],
  ['an answer to any packet', { actions: [{ type: 'arp_reply', mac: '02:00:00:00:00:01' }] }, '/actions/0'],
  [
    'a part of a field',
    { actions: [{ type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:00/ff:00:00:00:00:00' }] },
    '/actions/0/value',
  ],
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
  for (const field of ['in_port', 'eth_dst', 'ipv4_dst', 'ipv6_dst', 'vlan_vid', 'eth_type'] as const)
    t.notThrows(() => parse({ match: { [field]: `${value}/${mask}` }, actions: [] }));
});
