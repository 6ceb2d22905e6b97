import test from 'ava';
import { checkConfig } from '../../../src/config/check.js';

const faultsOf = (tenants: Readonly<Record<string, unknown>>) =>
  checkConfig({
    name: 'a',
    workers: { cores: [1] },
    ports: {},
    tenants: Object.fromEntries(Object.entries(tenants).map(([name, cycles]) => [name, { limits: { cycles } }])),
  });

test('guarantees are kept together', (t) => {
  t.deepEqual(faultsOf({ a: { guaranteedPercent: 60 }, b: { guaranteedPercent: 40 }, c: {} }), []);
  t.deepEqual(faultsOf({ a: { guaranteedPercent: 60 }, b: { guaranteedPercent: 41 }, c: { guaranteedPercent: 0 } }), [
    {
      pointer: '/tenants/b/limits/cycles/guaranteedPercent',
      value: 41,
      message: 'the tenants are guaranteed 101 percent of each core together: a 60, b 41',
      remedy: 'guarantee at most 100 percent in all',
    },
  ]);
});

test('a cap is not below the guarantee', (t) => {
  t.deepEqual(faultsOf({ a: { guaranteedPercent: 30, capPercent: 30 } }), []);
  t.deepEqual(faultsOf({ a: { guaranteedPercent: 30, capPercent: 29 } }), [
    {
      pointer: '/tenants/a/limits/cycles/capPercent',
      value: 29,
      message: 'is below the guarantee of 30 percent',
      remedy: 'raise the cap, or guarantee less',
    },
  ]);
});

test('faults of the values name them', (t) => {
  t.deepEqual(
    faultsOf({ a: { weight: 0, guaranteedPercent: 101, capPercent: 0, cores: 2 } })
      .map(({ pointer }) => pointer)
      .sort(),
    ['capPercent', 'cores', 'guaranteedPercent', 'weight'].map((name) => `/tenants/a/limits/cycles/${name}`),
  );
});
