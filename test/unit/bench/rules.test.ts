import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { aclFlow, aclRules, aclWork, anyAddress, prefixPairs, thirtyShapes } from '../../../bench/rules/acl.js';
import { exactWork, newExactFlows } from '../../../bench/rules/exact.js';
import { randomRoutes, routesWork } from '../../../bench/rules/routes.js';
import { expandRanges, ovsFlows, ovsGroup, ovsMeter, rangeMasks } from '../../../bench/peers/ovs-rules.js';
import { covers, ipv4Mask, ipv4Number, ipv4Text, parseIpv4Prefix } from '../../../bench/support/ipv4.js';
import type { FlowText } from '../../../src/model/flow.js';

testProp('an address reads back as written', [fc.integer({ min: 0, max: 0xffffffff })], (t, address) => {
  t.is(ipv4Number(ipv4Text(address)), address);
});

test('prefixes cover their addresses', (t) => {
  t.deepEqual([0, 1, 24, 32].map(ipv4Mask), [0, 0x80000000, 0xffffff00, 0xffffffff]);
  t.true(covers(parseIpv4Prefix('10.1.0.0/16'), ipv4Number('10.1.255.1')));
  t.false(covers(parseIpv4Prefix('10.1.0.0/16'), ipv4Number('10.2.0.0')));
  t.deepEqual(parseIpv4Prefix('10.0.0.1'), { address: 0x0a000001, length: 32 });
});

const different = (flows: readonly FlowText[]): number => new Set(flows.map(({ match }) => JSON.stringify(match))).size;
const masks = (flows: readonly FlowText[]): number =>
  new Set(
    flows.map(({ match = {} }) =>
      Object.entries(match)
        .map(([name, value]) => name + (String(value).split('/')[1] ?? ''))
        .join(),
    ),
  ).size;

test('generated rules are different, and the same in every run', (t) => {
  const exact = exactWork(500, 100);
  t.is(different(exact.rules.flows), 500);
  t.deepEqual(exact, exactWork(500, 100));
  t.is(exact.sources['source']?.length, 100);
  t.is(different([...exact.rules.flows, ...newExactFlows(500)]), 1000);
  t.is(different(routesWork(randomRoutes(500), 10).rules.flows), 500);
  t.deepEqual(aclWork(90, thirtyShapes, 20), aclWork(90, thirtyShapes, 20));
});

test('rule sets have as many masks as they are named for', (t) => {
  t.is(masks(aclRules(1000, thirtyShapes).map(aclFlow)), 30);
  t.is(masks(aclRules(256, prefixPairs, anyAddress).map(aclFlow)), 256);
});

testProp(
  'a range of ports is the union of its masks, of which none overlap',
  [fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 65535 })],
  (t, a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const parts = rangeMasks(low, high).map((text) => text.split('/').map(Number) as [number, number]);
    t.true(parts.length <= 30);
    t.is(
      parts.reduce((sum, [, mask]) => sum + 0x10000 - mask, 0),
      high - low + 1,
    );
    for (const [value, mask] of parts) t.true(value >= low && value + 0xffff - mask <= high && (value & mask) === value);
  },
);

test('flows become lines of ovs-ofctl, with numbers for ports', (t) => {
  const numbers = new Map([
    ['source', 1],
    ['sink', 2],
  ]);
  const flow: FlowText = {
    match: { in_port: 'source', eth_type: 0x0800, ip_proto: 17, udp_dst: '6-8' },
    actions: [{ type: 'output', port: 'sink' }],
  };
  t.deepEqual(ovsFlows(flow, numbers), [
    'priority=32768,in_port=1,udp,tp_dst=0x6/0xfffe,actions=output:2',
    'priority=32768,in_port=1,udp,tp_dst=8,actions=output:2',
  ]);
  t.is(expandRanges({ udp_src: '1-2', udp_dst: '1-2' }).length, 4);
  const setting = (value: string): FlowText => ({ actions: [{ type: 'set_field', field: 'ipv4_src', value }] });
  t.deepEqual(ovsFlows(setting('10.0.0.1'), numbers), ['priority=32768,actions=mod_nw_src:10.0.0.1']);
  t.deepEqual(ovsFlows(setting('10.0.0.0/255.0.0.0'), numbers), ['priority=32768,actions=set_field:10.0.0.0/8->ip_src']);
  const buckets = [{ weight: 1, actions: flow.actions }, { actions: [] }];
  t.is(
    ovsGroup({ group: 7, type: 'select', buckets }, numbers),
    'group_id=7,type=select,bucket=weight:1,actions=output:2,bucket=actions=drop',
  );
  t.is(ovsMeter({ meter: 1, unit: 'pktps', bands: [{ type: 'drop', rate: 9 }] }), 'meter=1,pktps,bands=type=drop,rate=9');
});
