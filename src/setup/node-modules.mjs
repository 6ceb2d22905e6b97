import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './progress.mjs';

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} Lock */

/**
 * The places in node_modules that are not as package-lock.json says. Packages for other platforms are optional and may be missing.
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json, npm's own note of what it installed
 * @returns {string[]}
 */
export function outdatedModules(wanted, installed) {
  return Object.entries(wanted.packages ?? {})
    .filter(([path, { version, optional, peer }]) => {
      if (path === '') return false;
      const found = installed.packages?.[path];
      return found === undefined ? !(optional || peer) : found.version !== version;
    })
    .map(([path]) => path);
}

/** @param {string} path @returns {Lock} */
const readLock = (path) => (existsSync(path) ? /** @type {Lock} */ (JSON.parse(readFileSync(path, 'utf8'))) : {});

/**
 * `npm ci` where node_modules is not what the lock file says. Install scripts are left out: the addon and SQLite are built by steps of
 * their own, where their progress is seen, and no other dependency needs one.
 * @param {string} root
 */
export async function ensureNodeModules(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (outdatedModules(wanted, readLock(join(root, 'node_modules', '.package-lock.json'))).length === 0) return;
  await runStep('installing the npm packages (npm ci)', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
  });
}
