import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runStep } from './progress.mjs';

/** Opens a database in memory: the package is there, and built for this Node. */
const probe = "new (require('better-sqlite3'))(':memory:').close()";

/** @param {string} root */
const works = (root) => spawnSync(process.execPath, ['-e', probe], { cwd: root }).status === 0;

/**
 * What node-gyp is told: headers that came with Node need no download.
 * @param {string} execPath of Node
 * @param {(path: string) => boolean} exists
 * @returns {NodeJS.ProcessEnv}
 */
export function buildEnvironment(execPath, exists = existsSync) {
  const home = dirname(dirname(execPath));
  if (!exists(join(home, 'include/node/common.gypi'))) return {};
  return { npm_config_nodedir: home, npm_config_build_from_source: 'better-sqlite3' };
}

/**
 * Builds the usage ledger's SQLite where it does not run: at first, and after a change of Node's version.
 * @param {string} root
 */
export async function ensureSqlite(root) {
  if (works(root)) return;
  const env = { ...process.env, ...buildEnvironment(process.execPath) };
  await runStep('building SQLite for this Node (npm rebuild better-sqlite3)', 'npm', ['rebuild', 'better-sqlite3'], {
    cwd: root,
    env,
  });
}
