type Version = readonly [number, number, number];

const versionOf = (text: string): Version | undefined => {
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  return parts ? [Number(parts[1]), Number(parts[2]), Number(parts[3])] : undefined;
};

export const isVersion = (text: string): boolean => versionOf(text) !== undefined;

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** The first version that a caret's or tilde's range has no more: below 1.0.0 a minor version may break (semver.org, item 4). */
const above = (mark: string, [major, minor, patch]: Version): Version => {
  if (mark === '~') return [major, minor + 1, 0];
  if (major > 0) return [major + 1, 0, 0];
  return minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1];
};

/**
 * Whether a version is in a range as npm writes it: `^1.2.0`, `~1.2.0`, `1.2.0`, and comparisons with spaces between, which all have to
 * hold. Undefined where it is no such range.
 */
export function isInRange(version: string, range: string): boolean | undefined {
  const asked = versionOf(version);
  const words = range.trim().split(/\s+/);
  const tests = words.map((word) => {
    const [, mark = '', text = ''] = /^(\^|~|>=|<=|>|<|=)?(.+)$/.exec(word) ?? [];
    const given = versionOf(text);
    if (!asked || !given) return undefined;
    const order = compare(asked, given);
    switch (mark) {
      case '^':
      case '~':
        return order >= 0 && compare(asked, above(mark, given)) < 0;
      case '>=':
        return order >= 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '<':
        return order < 0;
      default:
        return order === 0;
    }
  });
  return tests.includes(undefined) ? undefined : tests.every((holds) => holds);
}
