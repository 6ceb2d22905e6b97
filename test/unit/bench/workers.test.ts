import test from 'ava';
import { oursConfig } from '../../../bench/ours-config.js';
import { vdev } from '../../../bench/peers/vdevs.js';
import { coresOfTwo, speedup } from '../../../bench/scenarios/workers.js';

const at = (median: number) => ({ median, min: median, max: median });

test('two workers that cost each other nothing do twice the work of one', (t) => {
  const summaries = new Map([
    ['ours', at(100)],
    ['ours-one-worker', at(95)],
    ['ovs-dpdk', at(200)],
  ]);
  t.is(speedup(summaries, 'ours'), 1.9);
  t.is(speedup(summaries, 'ovs-dpdk'), null);
});

test('the second worker has a core of its own where there is one', (t) => {
  t.deepEqual(coresOfTwo(2), [1, 0]);
  t.deepEqual(coresOfTwo(8), [1, 2]);
});

test('a source has a queue for each worker', (t) => {
  const source = { name: 'source', capture: '/c' };
  t.is(vdev(source, 0, { kind: 'measure' }, 2), 'net_pcap0,rx_pcap=/c,rx_pcap=/c,infinite_rx=1');
  const workload = { directory: '/tmp', ports: [source], counted: ['source'], frames: 1, rules: { flows: [] } };
  const config = oursConfig(
    { ...workload, workerCores: [1, 0], housekeepingCore: 0, memoryMib: 512 },
    { kind: 'measure' },
    '/tmp/api.sock',
  );
  t.like(config, { workers: { cores: [1, 0] }, ports: { source: { rxQueues: 2 } } });
});
