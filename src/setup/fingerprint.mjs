import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * SHA-256 over the names and contents of files, and of all files under directories, in a fixed order.
 * @param {string} root
 * @param {readonly string[]} paths relative to `root`; what does not exist is left out
 * @param {readonly string[]} [extra] whatever else the result depends on, for example versions of tools
 */
export function fingerprint(root, paths, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const path of paths.flatMap((p) => filesUnder(root, p)).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full).flatMap((name) => filesUnder(root, join(path, name)));
}

/**
 * Does `work` unless its inputs are as they were when it last succeeded and its output is still there.
 * @param {string} root
 * @param {{ name: string, inputs: readonly string[], extra?: readonly string[], output: string }} step
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>} whether anything was done
 */
export async function whenChanged(root, { name, inputs, extra = [], output }, work) {
  const stamp = join(root, 'build', 'stamps', name);
  const now = fingerprint(root, inputs, extra);
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return false;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
  return true;
}
