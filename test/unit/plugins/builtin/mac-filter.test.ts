import test from 'ava';
import { plugin } from '../../../../src/plugins/builtin/mac-filter/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';

const from = (mac: string) => frame({ eth_src: mac, eth_dst: '02:00:00:00:01:01', eth_type: 0x0800 });

test("VMs of the config and what is allowed go on without the plugin's process", async (t) => {
  const bench = await PluginBench.start(plugin, { options: { allow: ['02:00:00:00:00:AA'] } });
  for (const mac of ['02:00:00:00:01:11', '02:00:00:00:01:12', '02:00:00:00:00:aa'])
    t.deepEqual(bench.send(from(mac), { port: 'r1' }), { actions: [{ type: 'continue' }], punted: false, sent: [] });
});

test('others are dropped, counted, told of once, and listed', async (t) => {
  const bench = await PluginBench.start(plugin);
  for (let i = 0; i < 3; i++) t.like(bench.send(from('02:00:00:00:00:66'), { port: 'r2' }), { punted: true, sent: [] });
  t.like(bench.counts, { handled: 3, dropped: 3, errors: 0 });
  t.deepEqual(bench.metrics, { refused: 3 });
  t.deepEqual(bench.raised, [{ event: 'mac_refused', details: { mac: '02:00:00:00:00:66', port: 3 } }]);
  t.deepEqual(await bench.request('GET', '/refused'), { body: { '02:00:00:00:00:66': 3 } });
});

test('packets from the uplink are none of its business', async (t) => {
  const bench = await PluginBench.start(plugin);
  t.is(bench.send(from('02:00:00:00:00:fe'), { port: 'up' }).actions, undefined);
});

test('options that are wrong are refused, where they are', async (t) => {
  const error = await t.throwsAsync(PluginBench.start(plugin, { options: { allow: ['nobody'], deny: [] } }));
  t.deepEqual((error as { faults?: { pointer: string }[] }).faults?.map(({ pointer }) => pointer).sort(), ['/allow/0', '/deny']);
});
