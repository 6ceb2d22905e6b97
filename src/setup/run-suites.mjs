import { availableParallelism } from 'node:os';
import { add, describe, nothing, verdict } from './counts.mjs';
import { runTool, say } from './progress.mjs';
import { root } from './setup.mjs';
import { obstacle } from './suites.mjs';

/**
 * Runs suites one after the other; a failing one does not stop the next. The last line printed is the sum.
 * @param {readonly import('./suites.mjs').Suite[]} chosen
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runSuites(chosen) {
  let sum = nothing;
  const machine = { uid: process.getuid?.() ?? 0, cores: availableParallelism() };
  for (const suite of chosen) {
    const reason = obstacle(suite, machine);
    if (reason === undefined) {
      sum = add(sum, await runSuite(suite));
    } else {
      console.log(`SKIPPED ${suite.name}: ${reason}`);
      sum = add(sum, { ...nothing, skipped: 1 });
    }
  }
  console.log(describe(sum));
  return sum;
}

/**
 * @param {import('./suites.mjs').Suite} suite
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
async function runSuite({ name, title, prepare = [], command, env, count }) {
  for (const step of prepare) {
    const made = await run(`${name}: ${step.slice(0, 2).join(' ')}`, step);
    if (made.exitCode !== 0) return report(name, made, { ...nothing, failed: 1 });
  }
  const done = await run(`${name}: ${title}`, command, env);
  return report(
    name,
    done,
    verdict(count ? count(done.output) : nothing, { exitCode: done.exitCode, counted: count !== undefined }),
  );
}

/**
 * @param {string} title
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(title, [program = '', ...args], env = {}) {
  return runTool(title, program, args, { cwd: root, env: { ...process.env, ...env } });
}

/**
 * Prints a suite's result; the whole of its output where something failed.
 * @param {string} name
 * @param {{ output: string, exitCode: number }} done
 * @param {import('./counts.mjs').Counts} counts
 */
function report(name, { output, exitCode }, counts) {
  if (counts.failed > 0) {
    console.log(output.trimEnd());
    say(`   ${name} ended with exit code ${exitCode}`);
  }
  console.log(`${counts.failed > 0 ? 'FAILED ' : 'ok     '} ${name}: ${describe(counts)}`);
  return counts;
}
