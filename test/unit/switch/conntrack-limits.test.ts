import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { checkConfig } from '../../../src/config/check.js';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { conntrackLimits } from '../../../src/switch/conntrack-limits.js';

type Limits = NonNullable<NonNullable<NonNullable<VswitchConfig['tenants']>[string]['limits']>['conntrack']>;

const configOf = (entries: number, tenants: Readonly<Record<string, Limits>>): VswitchConfig => ({
  name: 'a',
  workers: { cores: [1] },
  ports: {},
  conntrack: { entries },
  tenants: Object.fromEntries(Object.entries(tenants).map(([name, conntrack]) => [name, { limits: { conntrack } }])),
});

test('zones are told of their tenants', (t) => {
  const [, limits] = conntrackLimits(configOf(1000, { a: { zones: { 5: { entries: 7 }, 6: { newPerSecond: 9 } } } }));
  t.deepEqual(limits?.zones, [
    { zone: 5, entries: 7, newPerSecond: 0 },
    { zone: 6, entries: 0, newPerSecond: 9 },
  ]);
});

const someEntries = fc.option(fc.integer({ min: 1, max: 500 }));
testProp(
  'what is kept for all is there',
  [fc.integer({ min: 16, max: 2000 }), fc.array(someEntries, { maxLength: 8 })],
  (t, most, all) => {
    const tenants = Object.fromEntries(all.map((entries, i) => [`t${i}`, entries === null ? {} : { entries }]));
    const config = configOf(most, tenants);
    const given = all.filter((entries) => entries !== null);
    const kept = given.reduce((sum, entries) => sum + entries, 0);
    const fits = kept + all.length - given.length <= most;
    t.is(checkConfig(config).length === 0, fits);
    if (!fits) return;
    const limits = conntrackLimits(config);
    t.is(limits.length, 1 + all.length);
    t.true(limits.every(({ entries, halfOpen }) => entries >= 1 && halfOpen >= 1 && halfOpen <= entries));
    // Nobody's is the one that may come on top, where the tenants keep all.
    t.true(limits.slice(1).reduce((sum, { entries }) => sum + entries, 0) <= most);
  },
);
