/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/**
 * The sums at the end of a TAP report, as AVA writes them. Tests marked as to be done count as skipped.
 * @param {string} output
 * @returns {Counts}
 */
export function tapCounts(output) {
  /** @param {string} word */
  const sum = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  return { passed: sum('pass'), failed: sum('fail'), skipped: sum('skip') };
}

/**
 * The sums of doctest's last line, `[doctest] test cases: 9 | 8 passed | 1 failed | 0 skipped`.
 * @param {string} output
 * @returns {Counts}
 */
export function doctestCounts(output) {
  const line = /^\[doctest\] test cases:.*$/m.exec(output)?.[0] ?? '';
  /** @param {string} word */
  const sum = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/**
 * Each judge is a test: `openflow13: 493 passed, 0 wrong, ...`, or `SKIPPED openflow13: why`.
 * @param {string} output
 * @returns {Counts}
 */
export function conformanceCounts(output) {
  const wrong = [...output.matchAll(/^\S+: \d+ passed, (\d+) wrong/gm)].map(([, count]) => Number(count));
  const failed = wrong.filter((count) => count > 0).length;
  return { passed: wrong.length - failed, failed, skipped: [...output.matchAll(/^SKIPPED /gm)].length };
}

/**
 * What a command's report and its end amount to. A command that fails has at least one failure; one that succeeds without having run
 * anything has failed to find its tests.
 * @param {Counts} reported
 * @param {{ exitCode: number, counted: boolean }} end counted: whether the command reports counts
 * @returns {Counts}
 */
export function verdict(reported, { exitCode, counted }) {
  if (exitCode !== 0) return { ...reported, failed: Math.max(1, reported.failed) };
  if (!counted) return { ...reported, passed: 1 };
  return reported.passed + reported.failed + reported.skipped === 0 ? { ...reported, failed: 1 } : reported;
}

/** @param {Counts} counts */
export const describe = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
