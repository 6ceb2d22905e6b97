import Table from 'cli-table3';

/** Rows under headings, without lines between: what a terminal and grep both like. Columns named in `right` are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly string[] = []): string {
  const grid = new Table({
    head: [...head],
    colAligns: head.map((name) => (right.includes(name) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: noLines,
  });
  grid.push(...rows.map((row) => [...row]));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const noLines = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);

const scales = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** A number with three significant digits and an SI prefix: `1.23M`. */
export function si(value: number): string {
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) >= 999.5 && step < scales.length - 1) {
    scaled /= 1000;
    step++;
  }
  const digits = scaled === 0 || (step === 0 && Number.isInteger(scaled)) || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return scaled.toFixed(digits) + (scales[step] ?? '');
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** Millionths of a currency unit as money: `0.001234 EUR`. */
export const money = (micro: number, currency: string): string => `${(micro / 1e6).toFixed(6)} ${currency}`;
