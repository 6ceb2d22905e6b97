import Table from 'cli-table3';

/** cli-table3 takes time with the square of the rows, so it gets them in blocks, with the widths of all. */
const blockRows = 50;
const gapColumns = 2;

/** Rows under headings, without lines between: what a terminal and grep both like. Columns named in `right` are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly string[] = []): string {
  const lines = [head, ...rows];
  const colWidths = head.map(
    (_, column) => lines.reduce((widest, row) => Math.max(widest, widthOf(row[column])), 0) + gapColumns,
  );
  const colAligns = head.map((name) => (right.includes(name) ? ('right' as const) : ('left' as const)));
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; at += blockRows) {
    const style = { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': gapColumns };
    const grid = new Table({ colAligns, colWidths, style, chars: noLines });
    grid.push(...lines.slice(at, at + blockRows).map((row) => [...row]));
    blocks.push(grid.toString());
  }
  return blocks.join('\n').replace(/ +$/gm, '');
}

const widthOf = (cell = ''): number => cell.split('\n').reduce((widest, line) => Math.max(widest, line.length), 0);

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
