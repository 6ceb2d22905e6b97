import test from 'ava';
import { checkConfig } from '../../../src/config/check.js';
import { twoTenants } from '../../support/running-switch.js';

const faultsOf = (pricing: unknown, tariff?: string) => {
  const red = tariff === undefined ? twoTenants.tenants.red : { ...twoTenants.tenants.red, tariff };
  return checkConfig({ ...twoTenants, tenants: { ...twoTenants.tenants, red }, pricing });
};
const version = (name: string, effectiveFrom?: string) => (effectiveFrom === undefined ? { name } : { name, effectiveFrom });
const versions = (...tariffs: unknown[]) => ({ currency: 'EUR', tariffs });

test('both forms are right', (t) => {
  const tiers = [
    { from: 0, micro: 20_000 },
    { from: 100, micro: 15_000 },
  ];
  const prices = { perGibMicro: tiers, perCoreHourMicro: 3, free: { gib: 10 }, minimumMicro: 5_000_000 };
  t.deepEqual(faultsOf({ currency: 'EUR', ...prices }), []);
  const tariffs = versions({ ...version('basic'), ...prices }, version('gold', '2026-01-01'), version('basic', '2026-11-01'));
  t.deepEqual(faultsOf(tariffs, 'gold'), []);
});

for (const { what, pricing, pointer, message, tariff } of [
  {
    what: 'a price below 0',
    pricing: { currency: 'EUR', perGibMicro: -1 },
    pointer: '/pricing/perGibMicro',
    message: /out of range/,
  },
  { what: 'a fraction', pricing: { currency: 'EUR', minimumMicro: 0.5 }, pointer: '/pricing/minimumMicro', message: /integer/ },
  {
    what: 'a word that is close',
    pricing: versions({ name: 'a', perGigMicro: 1 }),
    pointer: '/pricing/tariffs/0/perGigMicro',
    message: /no such/,
  },
  { what: 'no tariffs', pricing: versions(), pointer: '/pricing/tariffs', message: /0 entries/ },
  {
    what: 'prices beside tariffs',
    pricing: { ...versions(version('a')), perGibMicro: 1 },
    pointer: '/pricing/perGibMicro',
    message: /beside/,
  },
  {
    what: 'tiers that do not begin at 0',
    pricing: { currency: 'EUR', perGibMicro: [{ from: 5, micro: 1 }] },
    pointer: '/pricing/perGibMicro/0/from',
    message: /first tier/,
  },
  {
    what: 'tiers out of order',
    pricing: versions({ name: 'a', perGibMicro: [0, 9, 9].map((from) => ({ from, micro: 1 })) }),
    pointer: '/pricing/tariffs/0/perGibMicro/2/from',
    message: /ascend/,
  },
  {
    what: 'a date of no calendar',
    pricing: versions(version('a', '2026-02-30')),
    pointer: '/pricing/tariffs/0/effectiveFrom',
    message: /no date/,
  },
  {
    what: 'versions out of order',
    pricing: versions(version('a', '2026-02-01'), version('b'), version('a', '2026-01-01')),
    pointer: '/pricing/tariffs/2/effectiveFrom',
    message: /order/,
  },
  {
    what: 'a version without a date after one with it',
    pricing: versions(version('a', '2026-02-01'), version('a')),
    pointer: '/pricing/tariffs/1/effectiveFrom',
    message: /order/,
  },
  {
    what: 'two versions of one date',
    pricing: versions(version('a', '2026-02-01'), version('a', '2026-02-01')),
    pointer: '/pricing/tariffs/1',
    message: /one version/,
  },
  {
    what: 'a tariff that there is not',
    pricing: versions(version('gold')),
    pointer: '/tenants/red/tariff',
    message: /no tariff/,
    tariff: 'golt',
  },
  {
    what: 'a tariff without prices',
    pricing: undefined,
    pointer: '/tenants/red/tariff',
    message: /no tariff/,
    tariff: 'gold',
  },
  {
    what: 'a tariff without tariffs',
    pricing: { currency: 'EUR' },
    pointer: '/tenants/red/tariff',
    message: /no tariff/,
    tariff: 'gold',
  },
] as const)
  test(`one fault, in its place: ${what}`, (t) => {
    const faults = faultsOf(pricing, tariff);
    t.deepEqual(
      faults.map((fault) => fault.pointer),
      [pointer],
    );
    t.regex(faults[0]?.message ?? '', message);
    t.truthy(faults[0]?.remedy);
  });
