import test from 'ava';
import fc from 'fast-check';
import { anyCase, type Case } from '../support/reference-cases/cases.js';
import { Duel } from '../support/reference-cases/duel.js';
import { play, type Difference } from '../support/reference-cases/play.js';
import { reportOf } from '../support/reference-cases/report.js';

/**
 * The native data plane against a plain reading of OpenFlow 1.3.5 (test/support/reference): random flows, groups and transactions, and
 * packets that meet them. FUZZ_RUNS and FUZZ_SEED say how many cases and which, FUZZ_PATH the one of them that failed; a FUZZ_SEED of
 * `random` is another one each time.
 */
const { FUZZ_RUNS = '4000', FUZZ_SEED = '20260101', FUZZ_PATH } = process.env;
const seed = FUZZ_SEED === 'random' ? Date.now() & 0x7fff_ffff : Number(FUZZ_SEED);
const parameters = { numRuns: Number(FUZZ_RUNS), seed, ...(FUZZ_PATH !== undefined && { path: FUZZ_PATH }) };

test('the native data plane does what the reference interpreter does', async (t) => {
  t.timeout(24 * 3600 * 1000);
  t.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${parameters.numRuns}`);
  const known = new Map<string, number>();
  const note = (reason: string): void => void known.set(reason, (known.get(reason) ?? 0) + 1);
  const duel = await Duel.start();
  try {
    let last: Difference | undefined;
    const holds = async (value: Case): Promise<boolean> => {
      const difference = await play(duel, value, note);
      last = difference ?? last;
      return difference === undefined;
    };
    const begin = performance.now();
    const { failed, numRuns, counterexample, counterexamplePath } = await fc.check(fc.asyncProperty(anyCase, holds), parameters);
    t.log(`${numRuns} cases in ${Math.round((performance.now() - begin) / 1000)} s`);
    for (const [reason, count] of known) t.log(`known, ${count} times: ${reason}`);
    if (!failed) return t.true(numRuns > 0, 'no case was made');
    // Once more, so that the flows are there that the report lists.
    const smallest = counterexample ? ((await play(duel, counterexample[0], note)) ?? last) : last;
    t.log(`FUZZ_SEED=${seed} FUZZ_PATH=${counterexamplePath ?? ''}`);
    t.fail(smallest ? reportOf(smallest, duel.installed()) : 'no case was made');
  } finally {
    await duel.close();
  }
});
