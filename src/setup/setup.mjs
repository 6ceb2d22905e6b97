import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureAddon, ensureDist } from './build.mjs';
import { ensureHugepages } from './hugepages.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { debianPackages, ensurePackages, testPackages } from './packages.mjs';
import { say, SetupError } from './progress.mjs';
import { ensureSqlite } from './sqlite.mjs';

/** The checkout's root directory. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Brings the machine and the checkout to where the switch runs. Every step looks first and does only what is missing, so that a
 * second call takes no time.
 * @param {{ tests?: boolean }} [options] tests: what the tests need, too
 */
export async function setUp({ tests = false } = {}) {
  const startedMs = Date.now();
  await ensurePackages(root, tests ? [...debianPackages, ...testPackages] : debianPackages);
  await ensureNodeModules(root);
  // SQLite is one large file, which one core compiles; both end before one that failed is told.
  for (const step of await Promise.allSettled([ensureSqlite(root), ensureAddon(root)]))
    if (step.status === 'rejected') throw step.reason;
  await ensureDist(root);
  ensureHugepages();
  say(`>> set-up is complete (${((Date.now() - startedMs) / 1000).toFixed(0)} s)`);
}

/**
 * Runs a main job; what the user has to do is told as text, with exit code 1.
 * @param {() => Promise<number>} job resolves with the exit code
 */
export async function runJob(job) {
  try {
    process.exitCode = await job();
  } catch (error) {
    say(error instanceof SetupError ? `\n${error.message}` : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}
