import test from 'ava';
import { tariffOf } from '../../../src/pricing/tariff.js';

test('a config without prices has no tariff', (t) => {
  t.is(tariffOf({}), undefined);
});

test('what a config does not price is free', (t) => {
  t.deepEqual(tariffOf({ pricing: { currency: 'EUR', perGibMicro: 1_000_000_000_000 } }), {
    currency: 'EUR',
    perGigacycleMicro: 0n,
    perGibMicro: 1_000_000_000_000n,
    perMillionPacketsMicro: 0n,
  });
});
