import test from 'ava';
import type { MatchText } from '../../../../src/model/match.js';
import { plugin } from '../../../../src/plugins/builtin/security-groups/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { walk, type Found } from '../../../support/plugin-walk.js';

const web = {
  members: ['vm1'],
  ingress: [{ protocol: 'tcp', ports: '443', remote: '0.0.0.0/0' }],
  egress: [{ protocol: 'udp', ports: '53' }, { remoteGroup: 'data' }],
};
const data = { members: ['vm2'], ingress: [{ protocol: 'tcp', ports: '5000-5999', remoteGroup: 'web' }] };
const policy = { groups: { web, data } };

const vms = {
  vm1: ['r1', '02:00:00:00:01:11', '10.1.0.11', 'fd00:1::11'],
  vm2: ['r2', '02:00:00:00:01:12', '10.1.0.12', 'fd00:1::12'],
} as const;
type Name = keyof typeof vms;

/** IPv4 from a VM, by its own port and MAC. */
const from = (name: Name, fields: MatchText) => {
  const [port, mac, source] = vms[name];
  return { port, frame: frame({ eth_src: mac, eth_type: 0x0800, ipv4_src: source, ...fields }) };
};
const from6 = (name: Name, fields: MatchText) => {
  const [port, mac, , source] = vms[name];
  return { port, frame: frame({ eth_src: mac, eth_type: 0x86dd, ipv6_src: source, ...fields }) };
};
const outside = (fields: MatchText) => ({ port: 'up', frame: frame({ eth_type: 0x0800, ipv4_src: '198.51.100.7', ...fields }) });
const tcp = (port: number): MatchText => ({ ip_proto: 6, tcp_dst: port, tcp_flags: 2 });
const udp = (port: number): MatchText => ({ ip_proto: 17, udp_dst: port });

const started = (options: object = policy) => PluginBench.start(plugin, { options });
const verdict = (bench: PluginBench, sent: { port: string; frame: Uint8Array }, found: Found = {}) =>
  walk(bench, sent.frame, { port: sent.port, found }).verdict;

test('who may open what: rules of groups, of prefixes, and nothing else', async (t) => {
  const bench = await started();
  for (const [what, sent, expected] of [
    ['https from outside', outside({ ipv4_dst: '10.1.0.11', ...tcp(443) }), 'pass'],
    ['http from outside', outside({ ipv4_dst: '10.1.0.11', ...tcp(80) }), 'drop'],
    ['https to one who does not offer it', outside({ ipv4_dst: '10.1.0.12', ...tcp(443) }), 'drop'],
    ['names for web', from('vm1', { ipv4_dst: '198.51.100.53', ...udp(53) }), 'pass'],
    ['names for data', from('vm2', { ipv4_dst: '198.51.100.53', ...udp(53) }), 'drop'],
    ['web to data', from('vm1', { ipv4_dst: '10.1.0.12', ...tcp(5432) }), 'pass'],
    ['web to data over IPv6', from6('vm1', { ipv6_dst: 'fd00:1::12', ...tcp(5432) }), 'pass'],
    ['web to data, what data does not offer', from('vm1', { ipv4_dst: '10.1.0.12', ...tcp(22) }), 'drop'],
    ['data to web, which offers it, but data may open nothing', from('vm2', { ipv4_dst: '10.1.0.11', ...tcp(443) }), 'drop'],
    ['https over IPv6, which the rule does not say', from6('vm2', { ipv6_dst: 'fd00:1::11', ...tcp(443) }), 'drop'],
    ['other protocols', from('vm1', { ipv4_dst: '198.51.100.7', ip_proto: 47 }), 'drop'],
  ] as const)
    t.is(verdict(bench, sent), expected, what);
});

test('a connection that is allowed is made, and metadata is as before', async (t) => {
  const bench = await started();
  const { frame: bytes, port } = from('vm1', { ipv4_dst: '10.1.0.12', ...tcp(5432) });
  const { commit, metadata, lookups, done } = walk(bench, bytes, { port });
  t.like(commit, { zone: 61001, commit: true });
  t.is(metadata, 0n);
  t.is(lookups, 5);
  t.deepEqual(done, []);
  const refused = walk(bench, bytes, { port, found: { ct_state: '+trk+inv' } });
  t.like(refused, { verdict: 'drop', commit: undefined, done: [{ type: 'drop', reason: 'policy_refused' }] });
});

test('answers, errors and what is accepted pass in two look-ups', async (t) => {
  const bench = await started();
  const { commit } = walk(bench, outside({ ipv4_dst: '10.1.0.11', ...tcp(443) }).frame, { port: 'up' });
  const mark = Number(commit?.mark);
  const answer = from('vm1', { ipv4_dst: '198.51.100.7', ip_proto: 6, tcp_src: 443 });
  for (const found of [
    { ct_state: '+trk+est+rpl' },
    { ct_state: '+trk+rel' },
    { ct_state: '+trk+new', ct_mark: mark },
    { ct_state: '+trk+est', ct_mark: mark },
  ])
    t.like(walk(bench, answer.frame, { port: 'r1', found }), { verdict: 'pass', lookups: 2, commit: undefined });
});

test('under another policy the opener of a connection is asked again', async (t) => {
  const before = await started();
  const after = await started({ groups: { web: { ...web, ingress: [] }, data } });
  const https = outside({ ipv4_dst: '10.1.0.11', ...tcp(443) });
  const old = Number(walk(before, https.frame, { port: 'up' }).commit?.mark);
  t.is(verdict(before, https, { ct_state: '+trk+est', ct_mark: old }), 'pass');
  t.is(verdict(after, https, { ct_state: '+trk+est', ct_mark: old }), 'drop');
  const query = from('vm1', { ipv4_dst: '198.51.100.53', ...udp(53) });
  const { commit, verdict: again } = walk(after, query.frame, { port: 'r1', found: { ct_state: '+trk+est', ct_mark: old } });
  t.is(again, 'pass');
  t.not(commit?.mark, old);
});

test('ARP and neighbour discovery of the link pass; the same to elsewhere is a packet as any other', async (t) => {
  const bench = await started();
  t.is(verdict(bench, { port: 'r1', frame: frame({ eth_type: 0x0806, arp_op: 1 }) }), 'pass');
  const solicitation = { ip_proto: 58, icmpv6_type: 135, ipv6_nd_target: 'fd00:1::1' };
  for (const target of ['ff02::1:ff00:1', 'fe80::1', 'fd00:1::1'])
    t.is(verdict(bench, from6('vm2', { ipv6_dst: target, ...solicitation })), 'pass', target);
  t.is(verdict(bench, from6('vm2', { ipv6_dst: '2001:db8::1', ...solicitation })), 'drop');
  t.is(verdict(bench, from6('vm2', { ipv6_dst: 'ff02::1', ip_proto: 58, icmpv6_type: 134 })), 'drop');
});

test("nobody opens a connection in a VM's name", async (t) => {
  const bench = await started();
  const own = from('vm1', { ipv4_dst: '10.1.0.12', ...tcp(5432) });
  t.like(walk(bench, own.frame, { port: 'r2' }), { done: [{ type: 'drop', reason: 'spoofed_source' }], commit: undefined });
  t.is(verdict(bench, from('vm1', { eth_src: '02:00:00:00:01:12', ipv4_dst: '10.1.0.12', ...tcp(5432) })), 'drop');
});

test('what others left in metadata, or a conntrack of another zone found, is not believed', async (t) => {
  const bench = await started();
  const refused = from('vm2', { ipv4_dst: '198.51.100.7', ...tcp(80) });
  for (const metadata of [0, 1, 2, 3, 4, 7, 0x7fffffff])
    t.is(walk(bench, refused.frame, { port: 'r2', fields: { metadata } }).verdict, 'drop');
  t.is(walk(bench, refused.frame, { port: 'r2', fields: { ct_zone: 7, ct_state: '+trk+est' } }).verdict, 'drop');
});

test('VMs in no group may do nothing, or all', async (t) => {
  const query = from('vm2', { ipv4_dst: '198.51.100.53', ...udp(53) });
  t.is(verdict(await started({ groups: {} }), query), 'drop');
  t.is(verdict(await started({ groups: {}, ungrouped: 'allow' }), query), 'pass');
});

test('members are in all groups whose prefixes are around them', async (t) => {
  const bench = await started({
    groups: {
      all: { members: ['10.1.0.0/24'], egress: [{ protocol: 'icmp', icmpType: 8 }] },
      web: { members: ['vm1'], egress: [{ protocol: 'tcp', ports: '80' }] },
    },
  });
  const ping: MatchText = { ipv4_dst: '198.51.100.7', ip_proto: 1, icmpv4_type: 8 };
  t.is(verdict(bench, from('vm1', ping)), 'pass');
  t.is(verdict(bench, from('vm2', ping)), 'pass');
  t.is(verdict(bench, from('vm1', { ipv4_dst: '198.51.100.7', ...tcp(80) })), 'pass');
  t.is(verdict(bench, from('vm2', { ipv4_dst: '198.51.100.7', ...tcp(80) })), 'drop');
});

test('with log, refused packets are counted and told of, ten lines a second', async (t) => {
  const bench = await started({ ...policy, log: true });
  const sent = from('vm2', { ipv4_dst: '198.51.100.7', ...tcp(80) });
  for (let i = 0; i < 25; i++) t.is(verdict(bench, sent), 'punt');
  t.is(verdict(bench, outside({ ipv4_dst: '10.1.0.12', ...udp(9) })), 'punt');
  t.deepEqual(bench.metrics, { refused_egress: 25, refused_ingress: 1 });
  t.like(bench.counts, { handled: 26, dropped: 26, errors: 0 });
  t.is(bench.logs.length, 10);
  t.deepEqual(bench.logs[0]?.fields, {
    direction: 'egress',
    port: 3,
    protocol: 6,
    from: '10.1.0.12',
    to: '198.51.100.7',
    source_port: 0,
    destination_port: 80,
  });
  await bench.advance(1000);
  verdict(bench, sent);
  t.is(bench.logs.length, 11);
});

test('a thousand rules between fifty groups are two thousand flows and a few', async (t) => {
  const name = (i: number): string => `g${i % 50}`;
  const groups = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      name(i),
      {
        members: [`10.1.${i + 1}.0/28`, `fd00:1:0:${i}::/64`],
        ingress: Array.from({ length: 10 }, (__, j) => ({ protocol: 'tcp', ports: String(1000 + j), remoteGroup: name(i + j) })),
        egress: Array.from({ length: 10 }, (__, j) => ({ protocol: 'udp', ports: `${2000 * (j + 1)}-${2000 * (j + 1) + 77}` })),
      },
    ]),
  );
  const bench = await started({ groups });
  t.log(`${bench.rules.length} flows`);
  t.true(bench.rules.length < 2300);
  t.like(await bench.request('GET', '/state'), { body: { flows: bench.rules.length } });
});

test('rules follow the VMs', async (t) => {
  const bench = await started();
  bench.hear({
    type: 'topology_changed',
    topology: {
      ports: [],
      uplinks: [],
      networks: [],
      uplink: undefined,
      vms: [{ name: 'vm1', port: 'r1', mac: '02:00:00:00:01:11', addresses: ['10.1.0.44'] }],
    },
  });
  await bench.advance(1);
  t.is(verdict(bench, outside({ ipv4_dst: '10.1.0.44', ...tcp(443) })), 'pass');
  t.deepEqual(
    bench.logs.map(({ level, fields }) => [level, fields]),
    [['warn', { member: 'vm2' }]],
  );
});

test('rules that say what cannot be are refused, each where it is', async (t) => {
  const bad = {
    a: {
      members: ['vm1'],
      ingress: [
        { ports: '80' },
        { protocol: 'tcp', ports: '90-80' },
        { protocol: 'udp', icmpType: 8 },
        { remote: '10.0.0.1/8' },
        { remote: 'fd00::/8', ip: 4 },
        { remoteGroup: 'b' },
        { remoteGroup: 'a', remote: '10.0.0.0/8' },
      ],
    },
  };
  const error = (await t.throwsAsync(started({ groups: bad }))) as { faults?: { pointer: string }[] };
  t.deepEqual(
    error.faults?.map(({ pointer }) => pointer.replace('/groups/a/ingress/', '')),
    ['0/ports', '1/ports', '2/icmpType', '3/remote', '4/ip', '5/remoteGroup', '6/remoteGroup'],
  );
});
