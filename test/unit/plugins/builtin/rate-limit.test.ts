import test from 'ava';
import type { MatchText } from '../../../../src/model/match.js';
import { plugin } from '../../../../src/plugins/builtin/rate-limit/plugin.js';
import { frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { walk } from '../../../support/plugin-walk.js';

const started = (...limits: readonly object[]) => PluginBench.start(plugin, { options: { limits } });
const vm1: MatchText = { eth_src: '02:00:00:00:01:11', eth_type: 0x0800, ipv4_src: '10.1.0.11' };

/** The meters that a packet goes through. */
function meters(bench: PluginBench, fields: MatchText, port = 'r1'): readonly number[] {
  const { verdict, done, metadata } = walk(bench, frame(fields), { port });
  if (verdict !== 'pass' || metadata !== 0n) throw new Error(`${verdict}, metadata ${metadata}`);
  return done.flatMap((action) => (action.type === 'meter' ? [action.meter] : []));
}

test('a VM has a meter of its own in each direction', async (t) => {
  const bench = await started({ direction: 'out', rate: 1000 }, { direction: 'in', rate: 50, unit: 'pktps', burst: 5 });
  t.deepEqual(bench.stock.meters, [
    { meter: 1, unit: 'kbps', bands: [{ type: 'drop', rate: 1000 }] },
    { meter: 2, unit: 'kbps', bands: [{ type: 'drop', rate: 1000 }] },
    { meter: 3, unit: 'pktps', bands: [{ type: 'drop', rate: 50, burst_size: 5 }] },
    { meter: 4, unit: 'pktps', bands: [{ type: 'drop', rate: 50, burst_size: 5 }] },
  ]);
  t.deepEqual(meters(bench, { ...vm1, ipv4_dst: '198.51.100.7' }), [1]);
  t.deepEqual(meters(bench, { ...vm1, ipv4_dst: '10.1.0.12' }), [1, 4]);
  t.deepEqual(meters(bench, { ...vm1, eth_type: 0x86dd, ipv6_dst: 'fd00:1::12' }), [1, 4]);
  t.deepEqual(meters(bench, { eth_type: 0x0800, ipv4_dst: '10.1.0.11' }, 'up'), [3]);
  t.deepEqual(meters(bench, { eth_type: 0x0806 }, 'up'), []);
});

test('the first that fits counts', async (t) => {
  const bench = await started(
    { direction: 'out', protocol: 'udp', ports: '53', rate: 10, unit: 'pktps', together: true },
    { direction: 'out', rate: 1000, vms: ['vm1'] },
  );
  t.deepEqual(meters(bench, { ...vm1, ip_proto: 17, udp_dst: 53 }), [1]);
  t.deepEqual(meters(bench, { ...vm1, ip_proto: 17, udp_dst: 54 }), [2]);
  t.deepEqual(meters(bench, { ...vm1, eth_type: 0x86dd, ip_proto: 17, udp_dst: 53 }), [1]);
  const vm2 = { ...vm1, eth_src: '02:00:00:00:01:12' };
  t.deepEqual(meters(bench, { ...vm2, ip_proto: 17, udp_dst: 53 }, 'r2'), [1]);
  t.deepEqual(meters(bench, { ...vm2, ip_proto: 6, tcp_dst: 53 }, 'r2'), []);
});

test('ports without a protocol, and those that are none, are refused', async (t) => {
  const error = (await t.throwsAsync(
    started({ direction: 'in', rate: 1, ports: '53' }, { direction: 'in', rate: 1, protocol: 'tcp', ports: '9-8' }),
  )) as { faults?: { pointer: string }[] };
  t.deepEqual(
    error.faults?.map(({ pointer }) => pointer),
    ['/limits/0/ports', '/limits/1/ports'],
  );
});
