import test from 'ava';
import { describeDifference, differenceOf } from '../../../bench/compare.js';
import { drawCurves, isCurve } from '../../../bench/curves.js';
import { timesOf } from '../../../bench/measure/latency.js';
import { parseMemoryKib } from '../../../bench/measure/memory.js';
import { makeResult, worstOf } from '../../../bench/result.js';

const facts = { scenario: 'p2p', peer: 'HEAD', floor: 'none', flows: 1000, runs: 5, tscHz: 2_600_000_000n };
const resultOf = (ours: readonly number[], peer: readonly number[]) => {
  const summary = ([min = 0, median = 0, max = 0]: readonly number[]) => ({ min, median, max });
  return makeResult({
    ...facts,
    summaries: new Map([
      ['ours', summary(ours)],
      ['HEAD', summary(peer)],
    ]),
  });
};

test('a difference is beyond the noise where the ranges do not meet', (t) => {
  const slower = differenceOf(resultOf([110, 112, 115], [99, 100, 105]));
  t.deepEqual(slower, { scenario: 'p2p', thisTree: 112, other: 100, change: 0.12, beyondNoise: true });
  t.is(describeDifference(slower), 'p2p: 112 cycles/packet, was 100 (+12 %): SLOWER');
  t.regex(describeDifference(differenceOf(resultOf([80, 81, 82], [99, 100, 105]))), /\(-19 %\): faster/);
});

test('ranges that meet, or medians close by, are noise', (t) => {
  t.false(differenceOf(resultOf([104, 112, 115], [99, 100, 105])).beyondNoise);
  t.false(differenceOf(resultOf([101, 101, 101], [100, 100, 100])).beyondNoise);
  t.throws(() => differenceOf(makeResult({ ...facts, summaries: new Map() })), { message: /p2p: not measured/ });
});

test('the worst result is that of the largest ratio', (t) => {
  const results = [
    resultOf([1, 1, 1], [4, 4, 4]),
    resultOf([1, 1, 1], [2, 2, 2]),
    makeResult({ ...facts, summaries: new Map() }),
  ];
  t.is(worstOf(results), results[1]!);
  t.throws(() => worstOf([]), { instanceOf: RangeError });
});

test('times have a median, a 99th percentile and a maximum', (t) => {
  const ms = Array.from({ length: 200 }, (_, i) => 200 - i);
  t.deepEqual(timesOf(ms), { medianMs: 100.5, p99Ms: 198, maxMs: 200, count: 200 });
});

test('memory is what is resident, hugepages included', (t) => {
  t.is(parseMemoryKib('VmPeak:\t  9 kB\nVmRSS:\t   1200 kB\nHugetlbPages:\t  2048 kB\n'), 3248);
  t.is(parseMemoryKib('VmRSS:\t   7 kB\n'), 7);
});

test('curves are drawn with a line for each subject', (t) => {
  const points = [1, 10, 1000].map((x) => ({ x, cyclesPerPacket: 50 + x, installMs: 1, memoryMib: 2 }));
  const curves = ['ours', 'ovs-dpdk'].map((subject) => ({ series: 'exact', subject, points }));
  const result = makeResult({ ...facts, summaries: new Map(), extra: { x: 'rules', curves } });
  t.true(isCurve(result));
  t.false(isCurve(makeResult({ ...facts, summaries: new Map() })));
  const svg = isCurve(result) ? drawCurves(result, 'a title') : '';
  for (const text of ['a title', 'exact, ours', 'exact, ovs-dpdk', 'rules']) t.true(svg.includes(text), text);
});
