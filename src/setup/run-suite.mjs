import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { nothing, verdict } from './counts.mjs';
import { runStep, say, SetupError } from './progress.mjs';
import { obstacle } from './suites.mjs';

/**
 * Runs one suite; its report goes to standard output as it comes.
 * @param {import('./suites.mjs').Suite} suite
 * @param {string} root of the checkout
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runSuite(suite, root) {
  const why = obstacle(suite, { uid: process.getuid?.() ?? 0, cores: availableParallelism() });
  if (why !== undefined) {
    say(`!! SKIPPED ${suite.name}: ${why}`);
    return { ...nothing, skipped: 1 };
  }
  const env = { ...process.env, ...suite.env };
  try {
    for (const [command = '', ...args] of suite.prepare ?? [])
      await runStep(`${suite.name}: ${command} ${args.slice(0, 4).join(' ')}`, command, args, { cwd: root, env });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return { ...nothing, failed: 1 };
  }
  const { output, exitCode } = await report(suite.command, { cwd: root, env });
  return verdict(suite.count?.(output) ?? nothing, { exitCode, counted: suite.count !== undefined });
}

/** @type {readonly NodeJS.Signals[]} */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @param {readonly string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ output: string, exitCode: number }>} output: what went to standard output; 127 where nothing could be started
 */
function report([command = '', ...args], options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    /** @type {NodeJS.Signals | undefined} */
    let endedBy;
    // The suite cleans up first; then all ends, without the suites that are left. Ctrl-C reaches the suite by itself.
    /** @param {NodeJS.Signals} signal */
    const end = (signal) => {
      endedBy = signal;
      if (signal !== 'SIGINT') child.kill('SIGTERM');
    };
    for (const signal of endings) process.on(signal, end);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => say(`cannot run ${command}: ${error.message}`));
    child.on('close', (code) => {
      for (const signal of endings) process.off(signal, end);
      if (endedBy) process.exit(128 + constants.signals[endedBy]);
      resolve({ output, exitCode: code === null ? 1 : code < 0 ? 127 : code });
    });
  });
}
