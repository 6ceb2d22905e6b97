import test from 'ava';
import { plugin } from '../../../../src/plugins/builtin/floating-ip/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { walk } from '../../../support/plugin-walk.js';

const options = {
  addresses: [
    { inside: '10.1.0.11', outside: '10.1.0.211' },
    { inside: 'FD00:1::0011', outside: 'fd00:1::211' },
  ],
};
const toOutside = frame({ eth_type: 0x0800, ipv4_src: '198.51.100.7', ipv4_dst: '10.1.0.211', ip_proto: 6, tcp_dst: 80 });

test('who is reached by the outside address has it when answering', async (t) => {
  const bench = await PluginBench.start(plugin, { options });
  const opened = walk(bench, toOutside, { port: 'up' });
  t.is(opened.verdict, 'pass');
  t.deepEqual(opened.commit?.nat, { dst: '10.1.0.11' });
  t.like(walk(bench, toOutside, { port: 'up', found: { ct_state: '+trk+est+dnat' } }), { verdict: 'pass', commit: undefined });
  t.like(walk(bench, toOutside, { port: 'up', found: { ct_state: '+trk+inv' } }), { verdict: 'drop', commit: undefined });
  t.is(walk(bench, toOutside, { port: 'r2' }).verdict, 'drop');
});

test('what the VM opens comes from the outside address, IPv4 and IPv6, whatever the spelling', async (t) => {
  const bench = await PluginBench.start(plugin, { options });
  const gateway = { eth_src: '02:00:00:00:01:11', eth_dst: '02:00:00:00:01:01' };
  const ipv4 = frame({ ...gateway, eth_type: 0x0800, ipv4_src: '10.1.0.11', ipv4_dst: '198.51.100.7', ip_proto: 6 });
  const ipv6 = frame({ ...gateway, eth_type: 0x86dd, ipv6_src: 'fd00:1::11', ipv6_dst: '2001:db8::1', ip_proto: 17 });
  for (const [bytes, src] of [
    [ipv4, '10.1.0.211'],
    [ipv6, 'fd00:1::211'],
  ] as const) {
    const sent = walk(bench, bytes, { port: 'r1' });
    t.is(sent.verdict, 'output');
    t.deepEqual(sent.commit?.nat, { src });
    t.deepEqual(sent.done.at(-1), { type: 'output', port: 'up' });
  }
});

test('VMs without one pass', async (t) => {
  const bench = await PluginBench.start(plugin, { options });
  const other = { eth_src: '02:00:00:00:01:12', eth_dst: '02:00:00:00:01:02', eth_type: 0x0800, ipv4_src: '10.1.0.12' };
  t.like(walk(bench, frame({ ...other, ipv4_dst: '198.51.100.7' }), { port: 'r2' }), { verdict: 'pass', lookups: 1 });
});

test('pairs that are none are refused, each where it is', async (t) => {
  const addresses = [
    { inside: '10.1.0.11', outside: '10.1.0.211' },
    { inside: '10.1.0.12', outside: '10.1.0.211' },
    { inside: '10.1.0.0/24', outside: '10.1.0.212' },
    { inside: '10.1.0.13', outside: 'fd00:1::213' },
  ];
  const error = (await t.throwsAsync(PluginBench.start(plugin, { options: { addresses } }))) as {
    faults?: { pointer: string }[];
  };
  t.deepEqual(
    error.faults?.map(({ pointer }) => pointer),
    ['/addresses/1/outside', '/addresses/2/inside', '/addresses/3/outside'],
  );
});
