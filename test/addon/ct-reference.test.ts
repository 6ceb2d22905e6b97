import test from 'ava';
import fc from 'fast-check';
import { Arena } from '../support/ct-cases/arena.js';
import { anyTalk } from '../support/ct-cases/events.js';
import { playCt, type CtDifference } from '../support/ct-cases/play.js';
import { anyPolicy } from '../support/ct-cases/program.js';

/**
 * Connections of the native data plane against those of the reference interpreter: dialogues with retransmissions, other orders, losses,
 * resets and simultaneous opens, UDP, ICMP with errors, IPv4 and IPv6, zones, marks and NAT. CT_RUNS and CT_SEED say how many cases and
 * which, CT_PATH the one of them that failed.
 */
const { CT_RUNS = '150', CT_SEED = '20260101', CT_PATH } = process.env;
const seed = CT_SEED === 'random' ? Date.now() & 0x7fff_ffff : Number(CT_SEED);
const parameters = { numRuns: Number(CT_RUNS), seed, ...(CT_PATH !== undefined && { path: CT_PATH }) };

test('the native data plane tracks as the reference interpreter does', async (t) => {
  t.timeout(24 * 3600 * 1000);
  t.log(`CT_SEED=${seed} CT_RUNS=${parameters.numRuns}`);
  const arena = await Arena.start();
  try {
    let last: CtDifference | undefined;
    const begin = performance.now();
    const result = await fc.check(
      fc.asyncProperty(anyPolicy, anyTalk, async (policy, talk) => {
        const difference = await playCt(arena, policy, talk);
        last = difference ?? last;
        return difference === undefined;
      }),
      parameters,
    );
    t.log(`${result.numRuns} cases in ${Math.round((performance.now() - begin) / 1000)} s`);
    if (!result.failed) return t.true(result.numRuns > 0, 'no case was made');
    t.log(`CT_SEED=${seed} CT_PATH=${result.counterexamplePath ?? ''}`);
    t.log(JSON.stringify(result.counterexample?.[0]));
    t.fail(JSON.stringify(last, null, 2));
  } finally {
    await arena.close();
  }
});
