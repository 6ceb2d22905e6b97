import test from 'ava';
import type { MatchText } from '../../../../src/model/match.js';
import { plugin } from '../../../../src/plugins/builtin/mac-learning/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { labConfig } from '../../../../src/plugins/testing/lab.js';
import { walk } from '../../../support/plugin-walk.js';

const [one, two, three] = ['02:00:00:00:00:aa', '02:00:00:00:00:bb', '02:00:00:00:00:cc'];
const vm1 = '02:00:00:00:01:11';
const config = {
  ...labConfig,
  ports: { ...labConfig.ports, r3: { type: 'null', tenant: 'red', mac: '02:00:00:00:01:03' } },
} as const;
const started = (options: object = {}) => PluginBench.start(plugin, { options, config });
const from = (source: string, destination: string, more: MatchText = {}) =>
  frame({ eth_src: source, eth_dst: destination, eth_type: 0x0800, ...more });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Where it goes without the plugin's process: `punt`, a number, `flood`, `drop` or `pass`. */
function way(bench: PluginBench, bytes: Uint8Array, port: string): string {
  const { verdict, done } = walk(bench, bytes, { port });
  const output = done.flatMap((action) => (action.type === 'output' ? [String(action.port)] : []));
  return verdict === 'output' ? output.join(' ') : verdict;
}
const ways = (bench: PluginBench, bytes: Uint8Array, port: string) => bench.send(bytes, { port }).sent.map((sent) => sent.port);

test('who is not known is flooded by the plugin, and then known to the switch', async (t) => {
  const bench = await started();
  t.deepEqual(ways(bench, from(one, two), 'r1'), ['r2', 'r3']);
  await settled();
  t.is(way(bench, from(one, two), 'r1'), 'flood');
  t.deepEqual(ways(bench, from(two, one), 'r2'), ['r1']);
  await settled();
  t.is(way(bench, from(one, two), 'r1'), '3');
  t.is(way(bench, from(two, one), 'r2'), '2');
  t.is(way(bench, from(one, 'ff:ff:ff:ff:ff:ff'), 'r1'), 'flood');
  t.deepEqual(await bench.request('GET', '/addresses'), { body: { [one]: 2, [two]: 3 } });
  t.deepEqual(bench.metrics, { addresses: 2, moves: 0, refused: 0 });
});

test('who moves is learned anew; VMs of the config are fixed', async (t) => {
  const bench = await started();
  bench.send(from(one, two), { port: 'r1' });
  await settled();
  t.is(way(bench, from(one, two), 'r3'), 'punt');
  await settled();
  t.is(way(bench, from(vm1, one), 'r1'), '4');
  t.is(bench.metrics['moves'], 1);
  t.is(way(bench, from(vm1, one), 'r2'), 'drop');
  t.is(way(bench, from(one, vm1), 'r3'), '2');
});

test('who is silent is forgotten', async (t) => {
  const bench = await started({ ageS: 100 });
  bench.send(from(one, two), { port: 'r1' });
  bench.send(from(two, one), { port: 'r2' });
  await settled();
  bench.count([
    { packets: 1n, bytes: 60n },
    { packets: 1n, bytes: 60n },
  ]);
  await bench.advance(60_000);
  bench.count([
    { packets: 2n, bytes: 120n },
    { packets: 1n, bytes: 60n },
  ]);
  await bench.advance(70_000);
  await settled();
  t.deepEqual(await bench.request('GET', '/addresses'), { body: { [one]: 2 } });
  t.is(way(bench, from(two, one), 'r2'), 'punt');
});

test('no more are learned than there is room for', async (t) => {
  const bench = await started({ maxAddresses: 3, maxPerPort: 2 });
  for (const source of [one, two, three]) bench.send(from(source, vm1), { port: 'r1' });
  t.like(bench.counts, { output: 0, dropped: 3 });
  t.is(bench.metrics['refused'], 1);
  bench.send(from(three, vm1), { port: 'r2' });
  bench.send(from('02:00:00:00:00:dd', vm1), { port: 'r3' });
  await settled();
  t.is(bench.metrics['refused'], 2);
  t.is(bench.metrics['addresses'], 3);
});

test('what is for the gateway, tagged, of the link, or from a group', async (t) => {
  const [bench, alone] = [await started(), await started({ gateway: false })];
  for (const [bytes, withGateway, without] of [
    [from(vm1, '02:00:00:00:01:01'), 'pass', 'flood'],
    [from(vm1, 'ff:ff:ff:ff:ff:ff', { eth_type: 0x0806, arp_op: 1, arp_tpa: '10.1.0.1' }), 'pass', 'flood'],
    [from(vm1, 'ff:ff:ff:ff:ff:ff', { eth_type: 0x0806, arp_op: 1, arp_tpa: '10.1.0.12' }), 'flood', 'flood'],
    [
      from(vm1, '33:33:ff:00:00:01', { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 135, ipv6_nd_target: 'fd00:1::1' }),
      'pass',
      'flood',
    ],
    [from(vm1, two, { vlan_vid: 5 }), 'pass', 'pass'],
    [from(vm1, '01:80:c2:00:00:0e'), 'drop', 'drop'],
    [from('03:00:00:00:00:01', two), 'drop', 'drop'],
    [from('02:00:00:00:01:02', two), 'drop', 'drop'],
  ] as const) {
    t.is(way(bench, bytes, 'r1'), withGateway);
    t.is(way(alone, bytes, 'r1'), without);
  }
  t.is(way(bench, from(one, two), 'up'), 'pass');
});
