import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { money, percent, si, table } from '../../../src/cli/table.js';

test('columns are aligned and no line ends in spaces', (t) => {
  t.is(
    table(
      ['NAME', 'n'],
      [
        ['a', '1'],
        ['longer', '100'],
      ],
      ['n'],
    ),
    ['NAME      n', 'a         1', 'longer  100'].join('\n'),
  );
});

test('many rows have the widths of all, and cells of several lines stay in their column', (t) => {
  const rows = Array.from({ length: 1000 }, (_, i) => [`n${i}`, i === 999 ? 'a\nlong one' : 'b', 'z']);
  const lines = table(['NAME', 'TEXT', 'END'], rows).split('\n');
  t.is(lines.length, 1002);
  t.is(lines[0], 'NAME  TEXT      END');
  t.is(lines[1], 'n0    b         z');
  t.deepEqual(lines.slice(-2), ['n999  a         z', '      long one']);
});

for (const [value, text] of [
  [0, '0'],
  [7, '7'],
  [0.5, '0.50'],
  [999, '999'],
  [999.6, '1.00k'],
  [1000, '1.00k'],
  [12_345, '12.3k'],
  [123_456, '123k'],
  [9_999_999, '10.0M'],
  [1e18, '1000P'],
] as const) {
  test(`${value} is written ${text}`, (t) => {
    t.is(si(value), text);
  });
}

testProp('a number keeps its size to within a hundredth', [fc.double({ min: 1, max: 9.9e17, noNaN: true })], (t, value) => {
  const [, digits = '', prefix = ''] = /^([\d.]+)([kMGTP]?)$/.exec(si(value)) ?? [];
  const scale = 1000 ** ['', 'k', 'M', 'G', 'T', 'P'].indexOf(prefix);
  t.true(Math.abs(Number(digits) * scale - value) <= value * 0.01);
});

test('shares and money', (t) => {
  t.is(percent(0.1234), '12.3%');
  t.is(money(1_234_567, 'EUR'), '1.234567 EUR');
});
