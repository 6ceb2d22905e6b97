import test from 'ava';
import { fc, testProp } from '@fast-check/ava';
import { dayMs, type UsageSlice } from '../../../src/model/usage-record.js';
import { canonicalJson } from '../../../src/pricing/canonical.js';
import type { RecordedBook } from '../../../src/pricing/in-force.js';
import { makeInvoice, timeNeeded, type Invoice } from '../../../src/pricing/invoice.js';
import { addUsage, noUsage } from '../../../src/pricing/usage-sum.js';
import { anyPrices, anyUsage, recorded, sliceOf } from '../../support/tariffs.js';

const million = 1_000_000n;
const origin = { instances: ['lab'], ledgerHead: null };
const invoice = (
  from: string | number,
  to: string | number,
  slices: Iterable<UsageSlice>,
  books: readonly RecordedBook[],
): Invoice => makeInvoice({ tenant: 'red', fromMs: msOf(from), toMs: msOf(to), origin }, slices, books);
const msOf = (moment: string | number): number => (typeof moment === 'number' ? moment : Date.parse(moment));
const byPackets = { currency: 'EUR', perMillionPacketsMicro: 100 };

test('an invoice says what was used, by which tariff, and what it costs', (t) => {
  const slices = [
    sliceOf('2026-11-02T00:00Z', '2026-11-02T01:00Z', { packets: 3n * million, bytes: 7n }),
    sliceOf('2026-11-30T23:00Z', '2026-12-01T00:00Z', { packets: million }),
    { ...sliceOf('2026-11-03T00:00Z', '2026-11-03T01:00Z', { packets: 99n * million }), tenant: 'blue' },
    sliceOf('2026-12-01T00:00Z', '2026-12-01T01:00Z', { packets: 99n * million }),
  ];
  const made = invoice('2026-11-01', '2026-12-01', slices, [recorded(0, { pricing: byPackets })]);
  t.like(made, {
    tenant: 'red',
    instances: ['lab'],
    period: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    recorded: { from: '2026-11-02T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    currency: 'EUR',
    usage: { packets: 4n * million, bytes: 7n, cycles: 0n },
    subtotalMicro: 400n,
    minimumMicro: 0n,
    totalMicro: 400n,
    totalMinor: 0n,
    minorDigits: 2,
  });
  t.like(made.parts, { length: 1, 0: { tariff: { name: 'standard', effectiveFrom: null }, totalMicro: 400n } });
});

test('the parts of a month in which the tariff changes are rated by themselves, in proportion to their time', (t) => {
  const tariffs = [
    { name: 'a', perMillionPacketsMicro: 100, free: { millionPackets: 30 }, minimumMicro: 3000 },
    { name: 'a', effectiveFrom: '2026-11-11', perMillionPacketsMicro: 10, free: { millionPackets: 30 } },
  ];
  const slices = [
    sliceOf('2026-11-01', '2026-11-11', { packets: 15n * million }),
    sliceOf('2026-11-11', '2026-12-01', { packets: 25n * million }),
  ];
  const { parts, totalMicro } = invoice('2026-11-01', '2026-12-01', slices, [
    recorded(0, { pricing: { currency: 'EUR', tariffs } }),
  ]);
  t.deepEqual(
    parts.map(({ from, lines, subtotalMicro, minimumMicro }) => [
      from.slice(8, 10),
      lines[0]?.freeQuantity,
      subtotalMicro,
      minimumMicro,
    ]),
    [
      ['01', 10n * million, 500n, 500n],
      ['11', 20n * million, 50n, 0n],
    ],
  );
  t.is(totalMicro, 1050n);
});

test('the minimum grows with the time; a later part has back what an earlier one paid too early', (t) => {
  const books = [recorded(0, { pricing: { ...byPackets, minimumMicro: 3000 } })];
  const slices = [sliceOf('2026-11-20', '2026-11-21', { packets: 50n * million })];
  const early = invoice('2026-11-01', '2026-11-11', slices, books);
  const late = invoice('2026-11-11', '2026-12-01', slices, books);
  t.deepEqual([early.subtotalMicro, early.minimumMicro, early.totalMicro], [0n, 1000n, 1000n]);
  t.deepEqual([late.subtotalMicro, late.minimumMicro, late.totalMicro], [5000n, -1000n, 4000n]);
  t.is(invoice('2026-11-01', '2026-12-01', slices, books).totalMicro, 5000n);
  t.is(invoice('2026-11-01', '2026-12-01', [], books).totalMicro, 3000n);
});

test('each month begins with its allowance; a part of one needs the slices from its beginning', (t) => {
  const books = [recorded(0, { pricing: { ...byPackets, free: { millionPackets: 10 } } })];
  const slices = [
    sliceOf('2026-10-05', '2026-10-06', { packets: 12n * million }),
    sliceOf('2026-11-05', '2026-11-06', { packets: 12n * million }),
    sliceOf('2026-11-07', '2026-11-08', { packets: 12n * million }),
  ];
  t.is(invoice('2026-10-01', '2026-12-01', slices, books).totalMicro, 200n + 1400n);
  t.is(invoice('2026-11-07', '2026-11-08', slices, books).totalMicro, 1200n);
  t.is(timeNeeded({ fromMs: Date.UTC(2026, 10, 7), toMs: Date.UTC(2026, 10, 8) }).fromMs, Date.UTC(2026, 10));
});

test('use before there was a tariff is shown and not charged; without any tariff there is no invoice', (t) => {
  const slices = ['2026-11-10', '2026-11-11'].map((day) => sliceOf(day, '2026-11-12', { packets: 10n * million }));
  const tariffs = [{ name: 'a', effectiveFrom: '2026-11-11', perMillionPacketsMicro: 10 }];
  const { parts, totalMicro } = invoice('2026-11-01', '2026-12-01', slices, [
    recorded(0, { pricing: { currency: 'EUR', tariffs } }),
  ]);
  t.like(parts[0], { tariff: null, totalMicro: 0n, usage: { packets: 10n * million } });
  t.is(totalMicro, 100n);
  t.throws(() => invoice('2026-11-01', '2026-12-01', slices, []), { code: 'TARIFF_NOT_FOUND' });
});

test('two currencies are two invoices', (t) => {
  const books = [
    recorded(0, { pricing: byPackets }),
    recorded(Date.UTC(2026, 10, 8, 9), { pricing: { ...byPackets, currency: 'USD' } }),
  ];
  t.throws(() => invoice('2026-11-01', '2026-12-01', [], books), { code: 'REQUEST_INVALID', message: /EUR and USD/ });
  t.is(invoice('2026-11-01', '2026-11-09', [], books).currency, 'EUR');
});

// Properties over slices that months, tariffs and periods cut anywhere.

const [startMs, endMs] = [Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1)];
const moment = fc.integer({ min: startMs, max: endMs });
const anySlice: fc.Arbitrary<UsageSlice> = fc
  .record({ at: moment, lengthMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10 ** 9 })), used: anyUsage })
  .map(({ at, lengthMs, used }) => ({ tenant: 'red', fromMs: at, toMs: at + lengthMs, ...used }));
const slicesOf = fc.array(anySlice, { maxLength: 8 });
const anyBooks: fc.Arbitrary<RecordedBook[]> = fc
  .array(
    fc.record({
      sinceMs: moment,
      first: anyPrices,
      later: fc.array(fc.record({ at: moment, prices: anyPrices }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((books) =>
    books
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .map(({ sinceMs, first, later }) => {
        const versions = later.map(({ at, prices }) => ({
          name: 'a',
          effectiveFrom: new Date(at).toISOString().slice(0, 10),
          ...prices,
        }));
        versions.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
        return recorded(sinceMs, { pricing: { currency: 'EUR', tariffs: [{ name: 'a', ...first }, ...versions] } });
      }),
  );
const anySplit = fc.uniqueArray(moment, { minLength: 2, maxLength: 6 }).map((cuts) => cuts.sort((a, b) => a - b));

testProp(
  'the parts of any split add up to the whole, money and quantities, to the last digit',
  [slicesOf, anyBooks, anySplit],
  (t, slices, books, cuts) => {
    const whole = invoice(cuts[0] ?? 0, cuts.at(-1) ?? 0, slices, books);
    const parts = cuts.slice(1).map((to, i) => invoice(cuts[i] ?? 0, to, slices, books));
    const sum = (of: (made: Invoice) => bigint): bigint => parts.reduce((total, part) => total + of(part), 0n);
    t.is(
      sum((made) => made.totalMicro),
      whole.totalMicro,
    );
    t.is(
      sum((made) => made.subtotalMicro),
      whole.subtotalMicro,
    );
    t.deepEqual(parts.map(({ usage }) => usage).reduce(addUsage), whole.usage);
  },
);

testProp(
  'no part costs less than nothing, and a whole month never less than its minimum',
  [slicesOf, anyBooks, anySplit],
  (t, slices, books, cuts) => {
    const { totalMicro, parts } = invoice(cuts[0] ?? 0, cuts.at(-1) ?? 0, slices, books);
    t.true(totalMicro >= 0n && parts.every((part) => part.totalMicro >= 0n));
    const months = invoice(startMs, endMs, slices, books);
    t.true(months.parts.every(({ minimumMicro, subtotalMicro }) => minimumMicro >= 0n && subtotalMicro >= 0n));
  },
);

testProp(
  'more use never costs less, from the beginning of a month to any moment',
  [slicesOf, anySlice, anyBooks, moment],
  (t, slices, more, books, toMs) => {
    fc.pre(toMs > startMs);
    const [few, many] = [invoice(startMs, toMs, slices, books), invoice(startMs, toMs, [...slices, more], books)];
    t.true(many.totalMicro >= few.totalMicro);
  },
);

testProp(
  'a ledger that was rolled up to days gives the same invoice for days',
  [slicesOf, anyBooks, anySplit],
  (t, slices, books, cuts) => {
    const daily = new Map<number, UsageSlice>();
    for (const slice of slices) {
      const day = Math.floor(slice.fromMs / dayMs);
      const before = daily.get(day);
      const times = { fromMs: Math.min(slice.fromMs, before?.fromMs ?? Infinity), toMs: Math.max(slice.toMs, before?.toMs ?? 0) };
      daily.set(day, { tenant: 'red', ...addUsage(slice, before ?? noUsage), ...times });
    }
    const [from, to] = [cuts[0] ?? 0, (cuts[1] ?? 0) + dayMs].map((ms) => ms - (ms % dayMs));
    const made = canonicalJson(invoice(from ?? 0, to ?? 0, slices, books));
    t.is(canonicalJson(invoice(from ?? 0, to ?? 0, daily.values(), books)), made);
  },
);

testProp('the order of the slices changes no byte', [slicesOf, anyBooks], (t, slices, books) => {
  const made = canonicalJson(invoice(startMs, endMs, slices, books));
  t.is(canonicalJson(invoice(startMs, endMs, [...slices].reverse(), books)), made);
});
