import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import type { Tariff, Usage } from '../../../src/model/tariff.js';
import { price } from '../../../src/pricing/price.js';

const counter = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const usage: fc.Arbitrary<Usage> = fc.record({ cycles: counter, bytes: counter, packets: counter });
const micro = fc.bigInt({ min: 0n, max: 10n ** 12n });
const tariff: fc.Arbitrary<Tariff> = fc.record({
  currency: fc.constant('EUR'),
  perGigacycleMicro: micro,
  perGibMicro: micro,
  perMillionPacketsMicro: micro,
});
const both = (a: Usage, b: Usage): Usage => ({
  cycles: a.cycles + b.cycles,
  bytes: a.bytes + b.bytes,
  packets: a.packets + b.packets,
});

test('a gigacycle, a GiB and a million packets cost their prices', (t) => {
  const prices: Tariff = { currency: 'EUR', perGigacycleMicro: 7n, perGibMicro: 11n, perMillionPacketsMicro: 13n };
  t.deepEqual(price({ cycles: 2_000_000_000n, bytes: 3n * 1024n ** 3n, packets: 5_000_000n }, prices), {
    currency: 'EUR',
    lines: [
      { item: 'cycles', quantity: 2_000_000_000n, priceMicro: 7n, amountMicro: 14n },
      { item: 'bytes', quantity: 3_221_225_472n, priceMicro: 11n, amountMicro: 33n },
      { item: 'packets', quantity: 5_000_000n, priceMicro: 13n, amountMicro: 65n },
    ],
    totalMicro: 112n,
  });
});

test('a line is rounded down to a millionth', (t) => {
  const prices: Tariff = { currency: 'EUR', perGigacycleMicro: 1n, perGibMicro: 0n, perMillionPacketsMicro: 0n };
  t.is(price({ cycles: 999_999_999n, bytes: 0n, packets: 0n }, prices).totalMicro, 0n);
  t.is(price({ cycles: 1_999_999_999n, bytes: 0n, packets: 0n }, prices).totalMicro, 1n);
});

testProp(
  'two periods cost together what both at once cost, or at most a millionth a line less',
  [usage, usage, tariff],
  (t, a, b, prices) => {
    const apart = [price(a, prices), price(b, prices)] as const;
    const together = price(both(a, b), prices);
    together.lines.forEach(({ amountMicro }, i) => {
      const less = amountMicro - (apart[0].lines[i]?.amountMicro ?? 0n) - (apart[1].lines[i]?.amountMicro ?? 0n);
      t.true(less === 0n || less === 1n);
    });
  },
);

testProp('who used more pays no less, and nobody less than nothing', [usage, usage, tariff], (t, a, more, prices) => {
  const [small, large] = [price(a, prices), price(both(a, more), prices)];
  small.lines.forEach(({ amountMicro }, i) => t.true(0n <= amountMicro && amountMicro <= (large.lines[i]?.amountMicro ?? -1n)));
});

testProp('the total is the sum of the lines', [usage, tariff], (t, used, prices) => {
  const { lines, totalMicro } = price(used, prices);
  t.is(
    totalMicro,
    lines.reduce((sum, line) => sum + line.amountMicro, 0n),
  );
});
