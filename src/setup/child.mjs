import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a command on our own terminal and passes signals on, so that ending us lets it clean up.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string }} options
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it
 */
export function runToEnd(command, args, { cwd }) {
  const child = spawn(command, args, { cwd, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, since it shares our terminal: we only must not die before it.
  const ignore = () => {};
  const terminate = () => void child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', terminate).on('SIGHUP', terminate);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
