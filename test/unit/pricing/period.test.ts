import test from 'ava';
import { monthsOf, parsePeriod } from '../../../src/pricing/period.js';

const iso = (text: string) => {
  const period = parsePeriod(text);
  return period && [period.fromMs, period.toMs].map((ms) => new Date(ms).toISOString());
};

test('years, months, days, and from one moment to another, in UTC', (t) => {
  t.deepEqual(iso('2026'), ['2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  t.deepEqual(iso('2026-12'), ['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  t.deepEqual(iso('2024-02-29'), ['2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z']);
  t.deepEqual(iso('2026-11-01/2026-11-15T06:30Z'), ['2026-11-01T00:00:00.000Z', '2026-11-15T06:30:00.000Z']);
  t.deepEqual(iso('2026-11/2026-12'), ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']);
});

test('what is no period is none', (t) => {
  for (const text of [
    '',
    '2026-13',
    '2026-02-30',
    '26-11',
    '2026-11-01T06:00Z',
    '2026-12/2026-11',
    '2026-11/2026-11',
    '2026-1',
    '2026-11/',
    'a/b/c',
  ])
    t.is(parsePeriod(text), undefined, text);
});

test('the months that a period touches are whole, and follow each other', (t) => {
  const months = monthsOf({ fromMs: Date.UTC(2025, 11, 31), toMs: Date.UTC(2026, 2, 1) });
  t.deepEqual(
    months.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [Date.UTC(2025, 11), Date.UTC(2026, 0)],
      [Date.UTC(2026, 0), Date.UTC(2026, 1)],
      [Date.UTC(2026, 1), Date.UTC(2026, 2)],
    ],
  );
});
