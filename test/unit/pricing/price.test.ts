import test from 'ava';
import { testProp } from '@fast-check/ava';
import { usageItems } from '../../../src/model/tariff.js';
import { billSince, price, proRated } from '../../../src/pricing/price.js';
import { addUsage } from '../../../src/pricing/usage-sum.js';
import { anyPrices, anyUsage, tariffOf, usageOf } from '../../support/tariffs.js';

test('each unit costs its price', (t) => {
  const tariff = tariffOf({
    perGigacycleMicro: 7,
    perGibMicro: 11,
    perMillionPacketsMicro: 13,
    perMibHourMicro: 17,
    perCoreHourMicro: 19,
  });
  const usage = usageOf({
    cycles: 2_000_000_000n,
    bytes: 3n * 1024n ** 3n,
    packets: 5_000_000n,
    memoryByteSeconds: 7n * 3600n * 1024n ** 2n,
    reservedCoreSeconds: 11n * 3600n,
  });
  const { lines, totalMicro, currency } = price(usage, tariff);
  t.deepEqual(
    lines.map(({ item, quantity, amountMicro }) => [item, quantity, amountMicro]),
    [
      ['cycles', usage.cycles, 14n],
      ['bytes', usage.bytes, 33n],
      ['packets', usage.packets, 65n],
      ['memoryByteSeconds', usage.memoryByteSeconds, 119n],
      ['reservedCoreSeconds', usage.reservedCoreSeconds, 209n],
    ],
  );
  t.deepEqual([totalMicro, currency], [440n, 'EUR']);
});

test('a line is rounded down once, to a millionth; what has no price has no line', (t) => {
  const tariff = tariffOf({ perGigacycleMicro: 1 });
  t.is(price(usageOf({ cycles: 999_999_999n }), tariff).totalMicro, 0n);
  t.is(price(usageOf({ cycles: 1_999_999_999n }), tariff).totalMicro, 1n);
  t.is(price(usageOf({ bytes: 5n }), tariff).lines.length, 1);
});

test('the allowance goes first; each tier prices the part beyond it that lies in the tier', (t) => {
  const million = 1_000_000n;
  const tariff = tariffOf({
    perMillionPacketsMicro: [
      { from: 0, micro: 100 },
      { from: 10, micro: 50 },
      { from: 20, micro: 0 },
    ],
    free: { millionPackets: 5 },
  });
  t.deepEqual(price(usageOf({ packets: 17n * million }), tariff).lines, [
    {
      item: 'packets',
      quantity: 17n * million,
      freeQuantity: 5n * million,
      tiers: [
        { from: 0n, priceMicro: 100n, quantity: 10n * million, amountMicro: 1000n },
        { from: 10n * million, priceMicro: 50n, quantity: 2n * million, amountMicro: 100n },
        { from: 20n * million, priceMicro: 0n, quantity: 0n, amountMicro: 0n },
      ],
      amountMicro: 1100n,
    },
  ]);
  t.is(price(usageOf({ packets: 5n * million }), tariff).totalMicro, 0n);
  t.is(price(usageOf({ packets: 900n * million }), tariff).totalMicro, 1500n);
});

test('a third of a month has a third of the allowance, and tiers that begin after a third', (t) => {
  const tariff = tariffOf({
    perMillionPacketsMicro: [
      { from: 0, micro: 100 },
      { from: 9, micro: 50 },
    ],
    free: { millionPackets: 3 },
  });
  t.deepEqual(proRated(tariff, 10, 30).rates.packets, {
    free: 1_000_000n,
    tiers: [
      { from: 0n, priceMicro: 100n },
      { from: 3_000_000n, priceMicro: 50n },
    ],
  });
  t.is(proRated(tariff, 30, 30), tariff);
});

testProp(
  'the total is the sum of the lines, a line the sum of its tiers, quantities too',
  [anyUsage, anyPrices],
  (t, usage, prices) => {
    const { lines, totalMicro } = price(usage, tariffOf(prices));
    let total = 0n;
    for (const { item, quantity, freeQuantity, tiers, amountMicro } of lines) {
      total += amountMicro;
      t.is(quantity, usage[item]);
      t.is(
        tiers.reduce((sum, tier) => sum + tier.quantity, freeQuantity),
        quantity,
      );
      t.is(
        tiers.reduce((sum, tier) => sum + tier.amountMicro, 0n),
        amountMicro,
      );
      t.true(tiers.every((tier) => tier.amountMicro >= 0n && tier.quantity >= 0n));
    }
    t.is(totalMicro, total);
  },
);

testProp('who used more pays no less, item by item and tier by tier', [anyUsage, anyUsage, anyPrices], (t, a, more, prices) => {
  const tariff = tariffOf(prices);
  const grown = billSince(price(a, tariff), price(addUsage(a, more), tariff));
  t.true(grown.totalMicro >= 0n);
  for (const { item, quantity, tiers, amountMicro } of grown.lines) {
    t.is(quantity, more[item]);
    t.true(amountMicro >= 0n && tiers.every((tier) => tier.amountMicro >= 0n && tier.quantity >= 0n));
  }
});

testProp('a line is what exact arithmetic gives, less than a millionth above', [anyUsage, anyPrices], (t, usage, prices) => {
  const { rates, ...tariff } = tariffOf(prices);
  const bill = price(usage, { ...tariff, rates });
  for (const item of usageItems) {
    const { free, tiers } = rates[item];
    const beyond = usage[item] - free;
    const costs = tiers.map(({ from, priceMicro }, i) => {
      const to = tiers[i + 1]?.from ?? beyond;
      const end = beyond < to ? beyond : to;
      return end > from ? (end - from) * priceMicro : 0n;
    });
    const exact = costs.reduce((sum, cost) => sum + cost, 0n);
    const unit =
      { cycles: 10n ** 9n, bytes: 2n ** 30n, packets: 10n ** 6n, memoryByteSeconds: 3600n * 2n ** 20n }[item as string] ?? 3600n;
    const amountMicro = bill.lines.find((line) => line.item === item)?.amountMicro ?? 0n;
    t.true(amountMicro * unit <= exact && exact < (amountMicro + 1n) * unit);
  }
});
