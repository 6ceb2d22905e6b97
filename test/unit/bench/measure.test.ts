import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { interleave } from '../../../bench/measure/interleave.js';
import { oneFrequency } from '../../../bench/measure/session.js';
import { median, round, summarize } from '../../../bench/measure/stats.js';
import { allowedCores, parseSchedstat } from '../../../bench/measure/thread.js';
import { cyclesPerPacket } from '../../../bench/measure/window.js';

test('the median is the middle value, or the mean of the middle two', (t) => {
  t.is(median([3]), 3);
  t.is(median([9, 1, 5]), 5);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.throws(() => median([]), { instanceOf: RangeError });
});

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
testProp(
  'a median has as many values below as above, in any order of them',
  [fc.array(finite, { minLength: 1 })],
  (t, values) => {
    const middle = median(values);
    const below = values.filter((v) => v < middle).length;
    const above = values.filter((v) => v > middle).length;
    t.true(Math.max(below, above) <= values.length / 2);
    t.is(median(values.toReversed()), middle);
    const { min, max } = summarize(values);
    t.true(min <= middle && middle <= max);
  },
);

test('rounding keeps the asked decimals', (t) => {
  t.is(round(123.456, 1), 123.5);
  t.is(round(0.0004, 3), 0);
});

test('every subject starts once a round, every other round backwards', (t) => {
  t.deepEqual(interleave(['a', 'b', 'c'], 3), ['a', 'b', 'c', 'c', 'b', 'a', 'a', 'b', 'c']);
  t.deepEqual(interleave(['a'], 0), []);
});

test('schedstat gives time on the CPU and time spent waiting for it', (t) => {
  t.deepEqual(parseSchedstat('15390987938 8238938 70\n'), { onCpuNs: 15390987938n, waitedNs: 8238938n });
  t.throws(() => parseSchedstat(''));
});

test('the cores of a thread are read from its status', (t) => {
  t.is(allowedCores('Name:\tpmd-c01\nCpus_allowed:\t2\nCpus_allowed_list:\t1\nMems_allowed:\t1\n'), '1');
  t.is(allowedCores('Cpus_allowed_list:\t0-3,7\n'), '0-3,7');
  t.is(allowedCores('Name:\tx\n'), undefined);
});

test('cycles per packet are time on the CPU by the TSC, over packets', (t) => {
  t.is(
    cyclesPerPacket({ packets: 50_000_000n, elapsedNs: 2_100_000_000n, onCpuNs: 2_000_000_000n, waitedShare: 0 }, 2_600_000_000n),
    104,
  );
});

test('a frequency on which the subjects disagree is refused', (t) => {
  t.is(oneFrequency([2_600_000_000n, 2_600_000_100n, 2_600_000_000n]), 2_600_000_000n);
  t.throws(() => oneFrequency([2_600_000_000n, 2_600_000_000n, 2_500_000_000n]), { message: /disagree/ });
  t.throws(() => oneFrequency([]), { message: /nobody reported/ });
});
