import test from 'ava';
import { bookOf, bookText } from '../../../src/pricing/tariff.js';

const gib = 1n << 30n;

test('a config without prices has no book', (t) => {
  t.is(bookText({}), undefined);
});

test('the short form is one tariff that always holds; what it does not price is free', (t) => {
  const { tariffs, currency, assigned } = bookOf(bookText({ pricing: { currency: 'EUR', perGibMicro: 10 ** 12 } }) ?? '');
  const [tariff] = tariffs;
  t.deepEqual([currency, assigned.size, tariffs.length], ['EUR', 0, 1]);
  t.like(tariff, { name: 'standard', currency: 'EUR', effectiveFromMs: undefined, minimumMicro: 0n });
  t.deepEqual(tariff?.rates.bytes, { free: 0n, tiers: [{ from: 0n, priceMicro: 1_000_000_000_000n }] });
  t.deepEqual(tariff?.rates.cycles, { free: 0n, tiers: [{ from: 0n, priceMicro: 0n }] });
});

test('tiers, allowances, dates and tenants are read as they were written', (t) => {
  const text = bookText({
    pricing: {
      currency: 'JPY',
      tariffs: [
        { name: 'basic', perCoreHourMicro: 5 },
        {
          name: 'gold',
          effectiveFrom: '2026-11-01',
          perGibMicro: [
            { from: 0, micro: 20 },
            { from: 100, micro: 15 },
          ],
          free: { gib: 7 },
          minimumMicro: 9,
        },
      ],
    },
    tenants: { red: {}, constructor: { tariff: 'gold' } },
  });
  const { tariffs, assigned } = bookOf(text ?? '');
  t.deepEqual([...assigned], [['constructor', 'gold']]);
  t.like(tariffs[1], { name: 'gold', effectiveFromMs: Date.UTC(2026, 10, 1), minimumMicro: 9n });
  t.deepEqual(tariffs[1]?.rates.bytes, {
    free: 7n * gib,
    tiers: [
      { from: 0n, priceMicro: 20n },
      { from: 100n * gib, priceMicro: 15n },
    ],
  });
});

test('the text and the hash do not depend on how the config was written, and change with every price', (t) => {
  const hashOf = (text: string | undefined) => bookOf(text ?? '').tariffs[0]?.hash;
  const a = bookText({ pricing: { currency: 'EUR', perGibMicro: 1, minimumMicro: 2 } });
  t.is(a, bookText({ pricing: { minimumMicro: 2, perGibMicro: 1, currency: 'EUR' } }));
  t.regex(hashOf(a) ?? '', /^[0-9a-f]{64}$/);
  const others = [
    { currency: 'USD', perGibMicro: 1, minimumMicro: 2 },
    { currency: 'EUR', perGibMicro: 2, minimumMicro: 2 },
    { currency: 'EUR', perGibMicro: 1, minimumMicro: 3 },
    { currency: 'EUR', perGibMicro: 1, minimumMicro: 2, free: { gib: 1 } },
  ].map((pricing) => hashOf(bookText({ pricing })));
  t.is(new Set([hashOf(a), ...others]).size, 5);
});
