import { spawn } from 'node:child_process';

/** Set-up talks on standard error: standard output belongs to the main job. @param {string} line */
export const say = (line) => void process.stderr.write(line + '\n');

/** Something that the user has to do; told without a stack trace. */
export class SetupError extends Error {}

/**
 * How far a tool is, as its last line says: `[ 35%]` of make, `[3/20]` of ninja, else nothing.
 * @param {string} line
 */
export function progressIn(line) {
  return /^\[\s*\d+%\]/.exec(line)?.[0] ?? /^\[\d+\/\d+\]/.exec(line)?.[0] ?? '';
}

/**
 * Runs a command quietly, with a sign of life every five seconds; its output is shown where it fails.
 * @param {string} title what people read
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what the command printed, both streams together
 * @throws {SetupError} where it cannot be started, or fails
 */
export function runStep(title, command, args, { cwd, env = process.env }) {
  say(`>> ${title}`);
  const startedMs = Date.now();
  const seconds = () => ((Date.now() - startedMs) / 1000).toFixed(0);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {string[]} */
    const chunks = [];
    let last = '';
    /** @param {string} text */
    const keep = (text) => {
      chunks.push(text);
      last = text.split('\n').map(progressIn).filter(Boolean).at(-1) ?? last;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const alive = setInterval(() => say(`   ... ${title}: ${seconds()} s ${last}`.trimEnd()), 5000);
    child.on('error', (error) => {
      clearInterval(alive);
      reject(new SetupError(`${title}: cannot run ${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearInterval(alive);
      const output = chunks.join('');
      if (code === 0) {
        say(`   done in ${seconds()} s`);
        resolve(output);
        return;
      }
      const how = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(
        new SetupError(`${title} ${how}: ${command} ${args.join(' ')}\n${output.trimEnd().split('\n').slice(-60).join('\n')}`),
      );
    });
  });
}
