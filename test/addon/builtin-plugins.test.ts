import test from 'ava';
import type { MatchText } from '../../src/model/match.js';
import { plugin as floatingIp } from '../../src/plugins/builtin/floating-ip/plugin.js';
import { plugin as macLearning } from '../../src/plugins/builtin/mac-learning/plugin.js';
import { plugin as portMirror } from '../../src/plugins/builtin/port-mirror/plugin.js';
import { plugin as securityGroups } from '../../src/plugins/builtin/security-groups/plugin.js';
import { plugin as sourceNat } from '../../src/plugins/builtin/source-nat/plugin.js';
import { frame, PluginBench } from '../../src/plugins/testing/index.js';
import { PluginYard } from '../support/plugin-yard.js';

const starting = PluginYard.start();
test.after.always(async () => (await starting).close());

/** From a VM to its gateway, or from outside to the uplink. */
const fromVm1: MatchText = {
  eth_src: '02:00:00:00:01:11',
  eth_dst: '02:00:00:00:01:01',
  eth_type: 0x0800,
  ipv4_src: '10.1.0.11',
};
const fromVm2: MatchText = {
  eth_src: '02:00:00:00:01:12',
  eth_dst: '02:00:00:00:01:02',
  eth_type: 0x0800,
  ipv4_src: '10.1.0.12',
};
const outside: MatchText = {
  eth_src: '02:00:00:00:00:fe',
  eth_dst: '02:00:00:00:00:01',
  eth_type: 0x0800,
  ipv4_src: '198.51.100.7',
};
const tcp = (src: number, dst: number, flags: number): MatchText => ({
  ip_proto: 6,
  tcp_src: src,
  tcp_dst: dst,
  tcp_flags: flags,
});
const udp = (src: number, dst: number): MatchText => ({ ip_proto: 17, udp_src: src, udp_dst: dst });
const [syn, synAck, ack] = [2, 18, 16];

/** Where it came out. */
const way = async (port: string, fields: MatchText): Promise<string> =>
  (await (await starting).send(port, frame(fields))).map((came) => came.port).join(' ') || 'nowhere';

test.serial('security groups: who was let in is answered, and nobody else passes', async (t) => {
  const yard = await starting;
  const groups = {
    web: {
      members: ['vm1'],
      ingress: [{ protocol: 'tcp', ports: '443' }],
      egress: [{ protocol: 'tcp', ports: '5000-5999', remoteGroup: 'data' }],
    },
    data: { members: ['vm2'], ingress: [{ remoteGroup: 'web' }] },
  };
  await yard.begin([await PluginBench.start(securityGroups, { options: { groups } })]);
  const toVm1: MatchText = { ...outside, ipv4_dst: '10.1.0.11' };
  const back: MatchText = { ...fromVm1, ipv4_dst: '198.51.100.7' };
  t.is(await way('r1', { ...back, ...tcp(443, 1000, synAck) }), 'nowhere', 'an answer to nothing');
  t.is(await way('up', { ...toVm1, ...tcp(1000, 443, syn) }), 'r1');
  t.is(await way('up', { ...toVm1, ...tcp(1000, 22, syn) }), 'nowhere');
  t.is(await way('r1', { ...back, ...tcp(443, 1000, synAck) }), 'up');
  t.is(await way('up', { ...toVm1, ...tcp(1000, 443, ack) }), 'r1');
  const across: MatchText = { ...fromVm1, ipv4_dst: '10.1.0.12' };
  const home: MatchText = { ...fromVm2, ipv4_dst: '10.1.0.11' };
  t.is(await way('r1', { ...across, ...tcp(7, 5432, syn) }), 'r2');
  t.is(await way('r1', { ...across, ...tcp(7, 22, syn) }), 'nowhere');
  t.is(await way('r2', { ...home, ...tcp(5432, 7, synAck) }), 'r1');
  t.is(await way('r2', { ...home, ...tcp(9, 443, syn) }), 'nowhere');
  t.is(await way('r2', { ...across, ...tcp(8, 5432, syn) }), 'nowhere');
  t.like(yard.drops, { spoofed_source: 1n, policy_refused: 4n });
});

test.serial('security groups: another policy ends what it does not allow, from its opener on', async (t) => {
  const yard = await starting;
  const bench = (ports: string) =>
    PluginBench.start(securityGroups, {
      options: { groups: { web: { members: ['vm1'], ingress: [{ protocol: 'udp', ports }] } } },
    });
  const query: MatchText = { ...outside, ipv4_dst: '10.1.0.11', ...udp(9, 53) };
  const answer: MatchText = { ...fromVm1, ipv4_dst: '198.51.100.7', ...udp(53, 9) };
  await yard.begin([await bench('53')]);
  t.is(await way('up', query), 'r1');
  t.is(await way('r1', answer), 'up');
  await yard.change([await bench('53-54')]);
  t.is(await way('up', query), 'r1', 'asked again, and allowed');
  await yard.change([await bench('54')]);
  t.is(await way('r1', answer), 'up', 'answers are not asked');
  t.is(await way('up', query), 'nowhere');
});

/** The addresses of what came out, by `port source > destination`. */
const seen = async (port: string, fields: MatchText): Promise<readonly string[]> =>
  (await (await starting).send(port, frame(fields))).map(
    (came) => `${came.port} ${came.fields.ipv4_src} > ${came.fields.ipv4_dst} ${came.fields.ip_ttl}`,
  );

test.serial('floating IP: both sides open, and each sees one address of the other', async (t) => {
  const yard = await starting;
  const addresses = [{ inside: '10.1.0.11', outside: '10.1.0.211' }];
  await yard.begin([await PluginBench.start(floatingIp, { options: { addresses } })]);
  const toVm1: MatchText = { ...outside, ipv4_dst: '10.1.0.211' };
  const back: MatchText = { ...fromVm1, ipv4_dst: '198.51.100.7' };
  t.deepEqual(await seen('up', { ...toVm1, ...tcp(1000, 80, syn) }), ['r1 198.51.100.7 > 10.1.0.11 63']);
  t.deepEqual(await seen('up', { ...toVm1, ...tcp(1000, 80, syn) }), ['r1 198.51.100.7 > 10.1.0.11 63']);
  t.deepEqual(await seen('r1', { ...back, ...tcp(80, 1000, synAck) }), ['up 10.1.0.211 > 198.51.100.7 63']);
  t.deepEqual(await seen('r1', { ...back, ...udp(5, 53) }), ['up 10.1.0.211 > 198.51.100.7 63']);
  t.deepEqual(await seen('up', { ...toVm1, ...udp(53, 5) }), ['r1 198.51.100.7 > 10.1.0.11 63']);
  t.deepEqual(await seen('r1', { ...fromVm1, ipv4_dst: '10.1.0.12', ...udp(5, 5) }), ['r2 10.1.0.11 > 10.1.0.12 63']);
});

test.serial('source NAT around security groups: these see the VM, the outside does not', async (t) => {
  const yard = await starting;
  const nat = { outside: ['10.1.0.100'] };
  const groups = { out: { members: ['10.1.0.0/24'], egress: [{ protocol: 'udp', ports: '53' }] } };
  await yard.begin([
    await PluginBench.start(sourceNat, { options: { ...nat, part: 'in' }, index: 0 }),
    await PluginBench.start(securityGroups, { options: { groups }, index: 1 }),
    await PluginBench.start(sourceNat, { options: { ...nat, part: 'out' }, index: 2 }),
  ]);
  const answer: MatchText = { ...outside, ipv4_dst: '10.1.0.100' };
  t.deepEqual(await seen('up', { ...answer, ...udp(53, 2000) }), []);
  t.deepEqual(await seen('r1', { ...fromVm1, ipv4_dst: '198.51.100.7', ...udp(2000, 53) }), ['up 10.1.0.100 > 198.51.100.7 63']);
  t.deepEqual(await seen('r2', { ...fromVm2, ipv4_dst: '198.51.100.7', ...udp(3000, 53) }), ['up 10.1.0.100 > 198.51.100.7 63']);
  t.deepEqual(await seen('r2', { ...fromVm2, ipv4_dst: '198.51.100.7', ...udp(3000, 54) }), []);
  t.deepEqual(await seen('up', { ...answer, ...udp(53, 2000) }), ['r1 198.51.100.7 > 10.1.0.11 63']);
  t.deepEqual(await seen('up', { ...answer, ...udp(53, 3000) }), ['r2 198.51.100.7 > 10.1.0.12 63']);
  t.deepEqual(await seen('up', { ...answer, ...udp(53, 4000) }), []);
});

test.serial('port mirror: a copy comes out of the port, or of the uplink in a tunnel', async (t) => {
  const yard = await starting;
  const across = { ...fromVm1, ipv4_dst: '10.1.0.12', ...udp(1, 2) };
  const bench = (to: object) => PluginBench.start(portMirror, { options: { to, vms: ['vm1'] } });
  await yard.begin([await bench({ port: 'r1' })]);
  t.is(await way('up', { ...outside, ipv4_dst: '10.1.0.11', ...udp(3, 4) }), 'r1 r1');
  await yard.begin([await bench({ remote: '203.0.113.9', vni: 7 })]);
  const came = await yard.send('r1', frame(across));
  t.deepEqual(
    came.map(({ port, fields }) => [port, fields.ipv4_dst, fields.udp_dst]),
    [
      ['up', '203.0.113.9', 4789],
      ['r2', '10.1.0.12', 2],
    ],
  );
});

test.serial('mac learning: VMs reach each other on the link, and the gateway by it', async (t) => {
  await (await starting).begin([await PluginBench.start(macLearning)]);
  const [vm1, vm2, gateway] = ['02:00:00:00:01:11', '02:00:00:00:01:12', '02:00:00:00:01:01'];
  const link = (eth_src: string, eth_dst: string): MatchText => ({ eth_src, eth_dst, eth_type: 0x88b5 });
  t.is(await way('r1', link(vm1, vm2)), 'r2');
  t.is(await way('r1', link(vm1, 'ff:ff:ff:ff:ff:ff')), 'r2');
  t.is(await way('r2', link(vm1, vm2)), 'nowhere');
  t.is(await way('r1', { ...fromVm1, eth_dst: gateway, ipv4_dst: '198.51.100.7', ...udp(1, 2) }), 'up');
  const who: MatchText = { eth_src: vm1, eth_dst: 'ff:ff:ff:ff:ff:ff', eth_type: 0x0806, arp_op: 1, arp_spa: '10.1.0.11' };
  t.is(await way('r1', { ...who, arp_tpa: '10.1.0.1' }), 'r1');
  t.is(await way('r1', { ...who, arp_tpa: '10.1.0.12' }), 'r2');
});

test.serial('security groups: a thousand rules hold, and say what they say', async (t) => {
  const name = (i: number): string => `g${i % 50}`;
  const groups = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      name(i),
      {
        members: [`10.2.${i}.0/28`, `fd00:2:0:${i}::/64`, ...(i === 7 ? ['vm1'] : []), ...(i === 9 ? ['vm2'] : [])],
        ingress: Array.from({ length: 10 }, (__, j) => ({
          protocol: 'tcp',
          ports: `${1000 * (j + 1)}-${1000 * (j + 1) + 76}`,
          remoteGroup: name(i + 50 - j),
        })),
        egress: Array.from({ length: 10 }, (__, j) => ({ protocol: 'tcp', ports: `${1000 * (j + 1)}-${1000 * (j + 1) + 99}` })),
      },
    ]),
  );
  const bench = await PluginBench.start(securityGroups, { options: { groups } });
  await (await starting).begin([bench]);
  t.log(`${bench.rules.length} flows`);
  const across: MatchText = { ...fromVm1, ipv4_dst: '10.1.0.12' };
  t.is(await way('r1', { ...across, ...tcp(7, 3050, syn) }), 'r2');
  t.is(await way('r1', { ...across, ...tcp(7, 3080, syn) }), 'nowhere', 'allowed out, not in');
  t.is(await way('r1', { ...across, ...tcp(7, 4050, syn) }), 'nowhere', "another group's");
  const ipv6: MatchText = { eth_type: 0x86dd, ipv6_src: 'fd00:1::11', ipv6_dst: 'fd00:1::12' };
  t.is(await way('r1', { eth_src: '02:00:00:00:01:11', eth_dst: '02:00:00:00:01:01', ...ipv6, ...tcp(7, 3050, syn) }), 'r2');
});
