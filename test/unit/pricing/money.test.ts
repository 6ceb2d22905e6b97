import test from 'ava';
import { decimal, minorDigits, toMinor } from '../../../src/pricing/money.js';

test('the smallest unit is the currency’s', (t) => {
  t.deepEqual(['EUR', 'JPY', 'KWD'].map(minorDigits), [2, 0, 3]);
  t.is(toMinor(1_234_567n, 'EUR'), 123n);
  t.is(toMinor(1_234_567n, 'KWD'), 1235n);
});

test('a half is rounded up', (t) => {
  t.deepEqual(
    [4_999n, 5_000n, 14_999n, 15_000n].map((micro) => toMinor(micro, 'EUR')),
    [0n, 1n, 1n, 2n],
  );
  t.is(toMinor(500_000n, 'JPY'), 1n);
});

test('amounts are written out exactly, whatever their size', (t) => {
  t.deepEqual(
    [0n, 1n, -1_500_000n, 12n ** 30n].map((amount) => decimal(amount)),
    ['0.000000', '0.000001', '-1.500000', '237376313799769806328950291.431424'],
  );
  t.is(decimal(123n, 2), '1.23');
  t.is(decimal(5n, 0), '5');
});
