import test from 'ava';
import { ctEvents } from '../../../src/accounting/ct-watch.js';
import { ctCounters } from '../../../src/model/conntrack.js';
import type { CtCounters } from '../../../src/switch/types.js';

const countersOf = (some: Partial<Record<keyof CtCounters, bigint>>): CtCounters => ({
  ...(Object.fromEntries(ctCounters.map((name) => [name, 0n])) as CtCounters),
  ...some,
});
const names = new Map([[1, 'red']]);

test('nothing is told of what did not change, nor of what is no limit', (t) => {
  const full = countersOf({ tenant_full: 5n, nat_exhausted: 1n });
  t.deepEqual(ctEvents([full], [full], names), []);
  t.deepEqual(ctEvents([countersOf({})], [countersOf({ created: 9n, invalid_flags: 3n, entries: 2n })], names), []);
});

test('each tenant and cause is told once, with how often', (t) => {
  const before = [countersOf({}), countersOf({ tenant_full: 5n })];
  const now = [
    countersOf({ table_full: 1n }),
    countersOf({ tenant_full: 9n, zone_full: 1n, rate_exceeded: 2n, evicted: 3n, nat_exhausted: 4n }),
  ];
  t.deepEqual(ctEvents(before, now, names), [
    { type: 'conntrack_cap', tenant: null, cap: 'table', count: 1n },
    { type: 'conntrack_cap', tenant: 'red', cap: 'tenant', count: 4n },
    { type: 'conntrack_cap', tenant: 'red', cap: 'zone', count: 1n },
    { type: 'conntrack_cap', tenant: 'red', cap: 'rate', count: 2n },
    { type: 'conntrack_cap', tenant: 'red', cap: 'half_open', count: 3n },
    { type: 'nat_exhausted', tenant: 'red', count: 4n },
  ]);
});
