import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { recordTimes } from '../../../src/ledger/times.js';

const at = 1_000_000_000;

test('an interval is where the wall clock says', (t) => {
  t.deepEqual(recordTimes({ fromWallMs: at, wallMs: at + 10_000, durationMs: 10_000 }, 0, false), {
    fromMs: at,
    toMs: at + 10_000,
    jumpedMs: 0,
  });
});

test('after a process that was killed there is a gap, not a record', (t) => {
  t.is(recordTimes({ fromWallMs: at + 5000, wallMs: at + 15_000, durationMs: 10_000 }, at, false).fromMs, at + 5000);
});

test('where the clock was set back, time goes on at half speed until the clock has caught up', (t) => {
  const back = recordTimes({ fromWallMs: at, wallMs: at - 3_590_000, durationMs: 10_000 }, at, true);
  t.deepEqual(back, { fromMs: at, toMs: at + 5000, jumpedMs: -3_600_000 });
  const later = recordTimes({ fromWallMs: at - 3_590_000, wallMs: at - 3_580_000, durationMs: 10_000 }, at + 5000, true);
  t.deepEqual(later, { fromMs: at + 5000, toMs: at + 10_000, jumpedMs: 0 });
  const caughtUp = recordTimes({ fromWallMs: at + 3_000_000, wallMs: at + 3_010_000, durationMs: 10_000 }, at + 3_004_000, true);
  t.deepEqual(caughtUp, { fromMs: at + 3_004_000, toMs: at + 3_010_000, jumpedMs: 0 });
});

test('a clock that was set back while the switch was down is told, too', (t) => {
  const { fromMs, jumpedMs } = recordTimes({ fromWallMs: at - 60_000, wallMs: at - 50_000, durationMs: 10_000 }, at, false);
  t.is(fromMs, at);
  t.is(jumpedMs, -60_000);
});

test('a jump forward makes one long record, which says that it jumped', (t) => {
  const jump = recordTimes({ fromWallMs: at, wallMs: at + 86_410_000, durationMs: 10_000 }, at, true);
  t.deepEqual(jump, { fromMs: at, toMs: at + 86_410_000, jumpedMs: 86_400_000 });
});

testProp(
  'whatever the wall clock does, records do not overlap, leave no gap within a process, and are not empty',
  [
    fc.array(
      fc.record({
        durationMs: fc.integer({ min: 2, max: 100_000 }),
        jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -1e9, max: 1e9 })),
      }),
      { minLength: 1 },
    ),
  ],
  (t, steps) => {
    let [wall, last] = [at * 10, 0];
    for (const [i, { durationMs, jumpMs }] of steps.entries()) {
      const fromWallMs = wall;
      wall += durationMs + jumpMs;
      const { fromMs, toMs, jumpedMs } = recordTimes({ fromWallMs, wallMs: wall, durationMs }, last, i > 0);
      t.true(i === 0 || fromMs === last);
      t.true(toMs > fromMs);
      t.is(jumpedMs !== 0, Math.abs(jumpMs) > 1000);
      last = toMs;
    }
  },
);
