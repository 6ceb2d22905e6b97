/** The oldest Node release line that is tested, and package.json's `engines`. */
export const oldestNode = '20.19.0';

/**
 * Whether `version` is at least `oldest`; both like `20.19.0`.
 * @param {string} version
 * @param {string} [oldest]
 */
export function nodeIsNewEnough(version, oldest = oldestNode) {
  const has = version.split('.').map(Number);
  const needs = oldest.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (has[i] || 0) - (needs[i] || 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Ends the process with a clear message where Node is too old. Only syntax that old Nodes read may be used up to here. */
export function requireNode() {
  if (nodeIsNewEnough(process.versions.node)) return;
  console.error(
    'mts-vswitch needs Node.js ' + oldestNode + ' or newer; this is ' + process.versions.node + ' (' + process.execPath + ').',
  );
  console.error('Debian 12: install it from https://github.com/nodesource/distributions, then run this again.');
  process.exit(1);
}
