import test from 'ava';
import { runChecks } from '../../src/lab/checks.js';
import { totalDropsOf } from './support/drops.js';
import { labFor, labName } from './support/lab.js';

test('packets pass on every way that they may, and are refused where they may not', async (t) => {
  t.timeout(60_000);
  const { plan, api } = await labFor(t, labName('fwd'));
  let count = 0;
  for await (const { title, ok, detail } of runChecks(plan, api)) {
    t.true(ok, `${title}: ${detail}`);
    count++;
  }
  t.is(count, 14);
  const usage = await api.usage();
  const { policy_refused: refused, ...others } = totalDropsOf(usage);
  t.true((refused ?? 0) >= 6);
  t.deepEqual(others, {}, 'nothing is dropped for another reason');
  t.true(usage.conservationError < 0.01, `cycles that nobody owns: ${usage.conservationError}`);
});
