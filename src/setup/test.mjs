/** `npm test`: all set-up, then every suite, or those that are named. The last line is the sum. */
import { requireNode } from './node-version.mjs';

requireNode();

const { add, describe, nothing } = await import('./counts.mjs');
const { say } = await import('./progress.mjs');
const { runSuite } = await import('./run-suite.mjs');
const { runJob, setUp, root } = await import('./setup.mjs');
const { selectSuites, suites } = await import('./suites.mjs');

const help = `npm test [-- SUITE...]

Sets up what is missing, runs the suites (default: all), and ends with the sum: N passed, N failed.

${suites.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}`;

/** @param {readonly string[]} names */
async function runAll(names) {
  const chosen = selectSuites(names);
  await setUp({ tests: true });
  const lines = [];
  let total = nothing;
  for (const suite of chosen) {
    const startedMs = Date.now();
    say(`\n== ${suite.name}: ${suite.title}`);
    const counts = await runSuite(suite, root);
    total = add(total, counts);
    lines.push(`${suite.name.padEnd(12)} ${describe(counts)} (${((Date.now() - startedMs) / 1000).toFixed(0)} s)`);
    say(`== ${lines.at(-1)}`);
  }
  console.log(`\n${lines.join('\n')}\n${describe(total)}`);
  return total.failed > 0 ? 1 : 0;
}

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) console.log(help);
else await runJob(() => runAll(args));
