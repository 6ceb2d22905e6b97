import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { drawLatency, isLatency } from '../../../bench/latency/figure.js';
import { loopback, staysOf, throughSwitch } from '../../../bench/latency/generator.js';
import { describeStay, latencyOf, quantile, ratioOf, type Stay } from '../../../bench/latency/stay.js';
import { makeResult } from '../../../bench/result.js';

test('a quantile is the least value that its share does not exceed', (t) => {
  const histogram = [
    [10, 50],
    [20, 49],
    [1000, 1],
  ] as const;
  t.is(quantile(histogram, 0.5), 10);
  t.is(quantile(histogram, 0.501), 20);
  t.is(quantile(histogram, 0.99), 20);
  t.is(quantile(histogram, 0.999), 1000);
  t.throws(() => quantile([], 0.5), { instanceOf: RangeError });
});

const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 });
testProp('quantiles rise with their share', [counts, fc.double({ min: 0, max: 1, noNaN: true })], (t, list, share) => {
  const histogram = list.map((count, i) => [i, count] as const);
  t.true(quantile(histogram, share) <= quantile(histogram, Math.min(1, share + 0.1)));
});

const report = {
  tscHz: 2_000_000_000,
  strangers: 0,
  runs: [
    { percent: 100, packetsPerS: 5e6, sent: 100, received: 100, cycles: [[2000, 100]] },
    {
      percent: 90,
      packetsPerS: 4.5e6,
      sent: 1000,
      received: 999,
      cycles: [
        [1000, 990],
        [8000, 9],
      ],
    },
  ],
};

test("the generator's cycles become nanoseconds, and what did not come back is lost", (t) => {
  const { tscHz, stays } = staysOf(report);
  t.is(tscHz, 2_000_000_000n);
  t.deepEqual(stays[1], { percent: 90, packetsPerS: 4.5e6, lost: 1, medianNs: 500, p99Ns: 500, p999Ns: 4000 });
  t.is(describeStay(stays[1]!), '90 %, 4.50 Mpkt/s: 500, 500, 4000 ns, 1 lost');
  t.throws(() => staysOf({ ...report, strangers: 3 }), { message: /3 packets came back other than/ });
  const nothing = { percent: 1, packetsPerS: 0, sent: 0, received: 0, cycles: [] };
  t.throws(() => staysOf({ ...report, runs: [nothing] }), { message: /at 1 % of the maximum no packet came back/ });
  t.throws(() => staysOf({}), { message: /not a report/ });
});

const stay = (percent: number, medianNs: number): Stay => ({
  percent,
  packetsPerS: percent * 1000,
  lost: 1,
  medianNs,
  p99Ns: 2 * medianNs,
  p999Ns: 9 * medianNs,
});
const found = [
  latencyOf('ours', [
    [stay(100, 900), stay(1, 100), stay(90, 300)],
    [stay(100, 900), stay(1, 120), stay(90, 500)],
  ]),
  latencyOf('ovs-dpdk', [[stay(100, 900), stay(1, 100), stay(90, 800)]]),
];

test('a latency is the medians over the starts, by load, with the sum of the losses', (t) => {
  t.deepEqual(found[0], {
    subject: 'ours',
    maxPacketsPerS: 100_000,
    loads: [
      { ...stay(1, 110), lost: 2 },
      { ...stay(90, 400), lost: 2 },
    ],
  });
});

test('the ratio is that of the medians at the highest load', (t) => {
  t.is(ratioOf(found, 'ovs-dpdk'), 0.5);
  t.is(ratioOf(found, 'loopback'), null);
});

test('latencies are drawn with a bar for each subject, load and quantile', (t) => {
  const facts = { scenario: 'latency', peer: 'ovs-dpdk', floor: 'loopback', flows: 1000, runs: 2, tscHz: 2_600_000_000n };
  const bare = makeResult({ ...facts, summaries: new Map() });
  t.false(isLatency(bare));
  const result = { ...bare, ratio: 0.5, latency: found };
  const svg = isLatency(result) ? drawLatency(result, 'a title') : '';
  for (const text of ['a title', 'ours', 'ovs-dpdk', '90 %, p99.9', 'ours / ovs-dpdk = 0.5']) t.true(svg.includes(text), text);
});

test('the generator shares the buffers that it sends; without a switch it is both ends', (t) => {
  const { to, from, queues } = throughSwitch('/run/in', '/run/out', 2);
  t.is(to, 'net_memif0,role=client,socket=/run/in,socket-abstract=no,zero-copy=yes');
  t.is(from, 'net_memif1,role=client,socket=/run/out,socket-abstract=no');
  t.is(queues, 2);
  t.is(loopback('/run/loop').from, 'net_memif1,role=server,socket=/run/loop,socket-abstract=no');
});
