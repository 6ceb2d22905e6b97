import test from 'ava';
import type { MatchText } from '../../../../src/model/match.js';
import { plugin } from '../../../../src/plugins/builtin/source-nat/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { walk } from '../../../support/plugin-walk.js';

const options = { outside: ['10.1.0.100-10.1.0.103'] };
const fromVm1 = (fields: MatchText) =>
  frame({
    eth_src: '02:00:00:00:01:11',
    eth_dst: '02:00:00:00:01:01',
    eth_type: 0x0800,
    ipv4_src: '10.1.0.11',
    ip_proto: 17,
    ...fields,
  });
const out = [
  { type: 'set_field', field: 'eth_src', value: '02:00:00:00:00:01' },
  { type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:fe' },
  { type: 'output', port: 'up' },
];

test('what a VM opens to the outside is translated and leaves by the uplink', async (t) => {
  const bench = await PluginBench.start(plugin, { options });
  const sent = walk(bench, fromVm1({ ipv4_dst: '198.51.100.7' }), { port: 'r1' });
  t.like(sent.commit, { zone: 61002, nat: { src: '10.1.0.100-10.1.0.103', persistent: true, random: false } });
  t.deepEqual(sent.done, [{ type: 'dec_ttl' }, ...out]);
  const later = walk(bench, fromVm1({ ipv4_dst: '198.51.100.7' }), { port: 'r1', found: { ct_state: '+trk+est+snat' } });
  t.deepEqual(later, { ...sent, commit: undefined });
});

test('answers go on to the VM; what nobody asked for is dropped', async (t) => {
  const bench = await PluginBench.start(plugin, { options });
  const toShared = (last: number) => frame({ eth_type: 0x0800, ipv4_dst: `10.1.0.${last}`, ip_proto: 17 });
  for (const last of [100, 103]) {
    t.is(walk(bench, toShared(last), { port: 'up', found: { ct_state: '+trk+est+rpl+dnat' } }).verdict, 'pass');
    t.like(walk(bench, toShared(last), { port: 'up' }), { verdict: 'drop', commit: undefined });
    t.like(walk(bench, toShared(last), { port: 'r1' }), { verdict: 'drop', lookups: 1 });
  }
  t.like(walk(bench, toShared(104), { port: 'up' }), { verdict: 'pass', lookups: 1 });
});

test('between VMs, to exceptions, from strangers and in tagged frames nothing is translated', async (t) => {
  const bench = await PluginBench.start(plugin, { options: { ...options, except: ['192.0.2.0/24'] } });
  for (const fields of [
    { ipv4_dst: '10.1.0.12' },
    { ipv4_dst: '192.0.2.9' },
    { ipv4_dst: '198.51.100.7', ipv4_src: '10.1.0.13' },
    { ipv4_dst: '198.51.100.7', eth_src: '02:00:00:00:01:12' },
    { ipv4_dst: '198.51.100.7', vlan_vid: 7 },
  ])
    t.like(
      walk(bench, fromVm1(fields), { port: 'r1' }),
      { verdict: 'pass', lookups: 1, commit: undefined },
      JSON.stringify(fields),
    );
});

test('in two parts, around another plugin', async (t) => {
  const [inward, outward] = [
    await PluginBench.start(plugin, { options: { ...options, part: 'in' } }),
    await PluginBench.start(plugin, { options: { ...options, part: 'out' }, index: 1 }),
  ];
  t.is(walk(inward, fromVm1({ ipv4_dst: '198.51.100.7' }), { port: 'r1' }).lookups, 1);
  t.is(walk(outward, fromVm1({ ipv4_dst: '198.51.100.7' }), { port: 'r1' }).verdict, 'output');
  const answered = { ct_zone: 61002, ct_state: '+trk+est+rpl+dnat' };
  t.is(walk(outward, frame({ eth_type: 0x0800, ipv4_dst: '10.1.0.11' }), { port: 'up', fields: answered }).verdict, 'pass');
});

test('some VMs, and IPv6', async (t) => {
  const bench = await PluginBench.start(plugin, { options: { outside: ['fd00:1::ffff', '10.1.0.100'], vms: ['vm2'] } });
  t.is(walk(bench, fromVm1({ ipv4_dst: '198.51.100.7' }), { port: 'r1' }).verdict, 'pass');
  const ipv6 = frame({
    ...{ eth_src: '02:00:00:00:01:12', eth_dst: '02:00:00:00:01:02', eth_type: 0x86dd, ip_proto: 6 },
    ...{ ipv6_src: 'fd00:1::12', ipv6_dst: '2001:db8::1' },
  });
  t.is(walk(bench, ipv6, { port: 'r2' }).commit?.nat?.src, 'fd00:1::ffff');
});

test('ranges that are none are refused', async (t) => {
  for (const outside of [['10.1.0.9-10.1.0.1'], ['10.1.0.1-fd00::1'], ['10.1.0.300'], ['10.1.0.1', '10.1.0.2']]) {
    const error = (await t.throwsAsync(PluginBench.start(plugin, { options: { outside } }))) as {
      faults?: { pointer: string }[];
    };
    t.regex(error.faults?.[0]?.pointer ?? '', /^\/outside\//);
  }
});
