import { spawnSync } from 'node:child_process';

/**
 * What a short command prints on standard output; '' where it is not there or fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function capture(command, args) {
  const { error, status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return error === undefined && status === 0 ? stdout.trim() : '';
}
