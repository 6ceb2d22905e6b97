import test from 'ava';
import { add, conformanceCounts, describe, doctestCounts, nothing, tapCounts, verdict } from '../../../src/setup/counts.mjs';

test('the sums of a TAP report', (t) => {
  const report = 'ok 1 - a\nnot ok 2 - # pass 7\n\n1..3\n# tests 2\n# pass 1\n# skip 4\n# fail 1\n';
  t.deepEqual(tapCounts(report), { passed: 1, failed: 1, skipped: 4 });
});

test("the sums of doctest's report", (t) => {
  const report = [
    '===============================================================================',
    '[doctest] test cases:  94 |  93 passed | 1 failed | 2 skipped',
    '[doctest] assertions: 999 | 998 passed | 1 failed |',
    '[doctest] Status: FAILURE!',
  ].join('\n');
  t.deepEqual(doctestCounts(report), { passed: 93, failed: 1, skipped: 2 });
});

test('each judge of the conformance report is a test', (t) => {
  const report = ['a: 5 passed, 0 wrong, 1 unsupported', '  unsupported: 1 with x', 'b-c: 5 passed, 12 wrong, 0 unsupported'];
  t.deepEqual(conformanceCounts([...report, 'SKIPPED d: why'].join('\n')), { passed: 1, failed: 1, skipped: 1 });
});

test('a command that fails has a failure, whatever it reported', (t) => {
  t.is(verdict({ ...nothing, passed: 5 }, { exitCode: 1, counted: true }).failed, 1);
  t.is(verdict({ ...nothing, failed: 3 }, { exitCode: 1, counted: true }).failed, 3);
  t.is(verdict(nothing, { exitCode: 2, counted: false }).failed, 1);
});

test('a suite that ran nothing has failed', (t) => {
  t.is(verdict(nothing, { exitCode: 0, counted: true }).failed, 1);
});

test('a check without counts is one test', (t) => {
  t.deepEqual(verdict(nothing, { exitCode: 0, counted: false }), { passed: 1, failed: 0, skipped: 0 });
});

test('the last line', (t) => {
  t.is(describe({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
  t.is(describe(add({ ...nothing, skipped: 1 }, { ...nothing, failed: 2 })), '0 passed, 2 failed, 1 skipped');
});
