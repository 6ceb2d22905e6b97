import test from 'ava';
import { plugin } from '../../../../src/plugins/builtin/port-mirror/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';

const sent = frame({ eth_src: '02:00:00:00:01:11', eth_type: 0x0800, ipv4_dst: '198.51.100.7' });
const got = frame({ eth_type: 0x0800, ipv4_dst: '10.1.0.11' });

test('copies go to a port, and the packet goes on', async (t) => {
  const bench = await PluginBench.start(plugin, { options: { to: { port: 'r2', oneIn: 100, maxBytes: 128 }, vms: ['vm1'] } });
  const actions = [{ type: 'mirror', port: 'r2', one_in: 100, max_bytes: 128 }, { type: 'continue' }] as const;
  t.deepEqual(bench.send(sent, { port: 'r1' }).actions, actions);
  t.deepEqual(bench.send(got, { port: 'up' }).actions, actions);
  t.is(bench.send(sent, { port: 'r2' }).actions, undefined);
});

test('copies go into a tunnel from the uplink’s own address', async (t) => {
  const bench = await PluginBench.start(plugin, { options: { to: { remote: '203.0.113.9', vni: 7 }, direction: 'out' } });
  t.deepEqual(bench.send(sent, { port: 'r1' }).actions, [{ type: 'group', group: 1 }, { type: 'continue' }]);
  t.is(bench.send(got, { port: 'up' }).actions, undefined);
  t.like(bench.stock.groups?.[0]?.buckets[0]?.actions[0], {
    type: 'encap',
    vni: 7,
    eth_dst: '02:00:00:00:00:fe',
    src: '192.0.2.1',
    dst: '203.0.113.9',
  });
});

test('without a way there nothing is copied, and it says so', async (t) => {
  const bench = await PluginBench.start(plugin, { options: { to: { remote: '2001:db8::9', vni: 7 } } });
  t.is(bench.send(sent, { port: 'r1' }).actions, undefined);
  t.deepEqual(
    bench.logs.map(({ level }) => level),
    ['warn'],
  );
});

test('a port that is not the tenant’s is refused', async (t) => {
  await t.throwsAsync(PluginBench.start(plugin, { options: { to: { port: 'nobody' } } }), { message: /fault/ });
});
