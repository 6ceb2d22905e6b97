import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { MaskCensus, type Counted } from '../../../src/flow/mask-census.js';

const counted = fc.record({ slot: fc.nat(2), table: fc.nat(1), mask: fc.constantFrom('a', 'b', 'c') });

test('a table whose last rule went is not listed', (t) => {
  const census = new MaskCensus();
  const rule: Counted = { slot: 1, table: 0, mask: 'a' };
  for (const one of [rule, rule, { ...rule, mask: 'b' }, { ...rule, slot: 2 }]) census.count(one, 1);
  t.deepEqual(census.list(), [
    { slot: 1, table: 0, rules: 3, masks: 2 },
    { slot: 2, table: 0, rules: 1, masks: 1 },
  ]);
  for (const one of [{ ...rule, slot: 2 }, rule]) census.count(one, -1);
  t.deepEqual(census.list(), [{ slot: 1, table: 0, rules: 2, masks: 2 }]);
});

testProp('the list counts the rules that are left', [fc.array(counted), fc.array(fc.nat())], (t, rules, gone) => {
  const census = new MaskCensus();
  for (const rule of rules) census.count(rule, 1);
  const removed = new Set(gone.filter((i) => i < rules.length));
  for (const [i, rule] of rules.entries()) if (removed.has(i)) census.count(rule, -1);
  const left = rules.filter((_, i) => !removed.has(i));
  const of = (slot: number, table: number) => left.filter((rule) => rule.slot === slot && rule.table === table);
  const tables = [0, 1, 2].flatMap((slot) => [0, 1].map((table) => ({ slot, table, rules: of(slot, table) })));
  t.deepEqual(
    census.list(),
    tables
      .filter(({ rules: here }) => here.length > 0)
      .map(({ slot, table, rules: here }) => ({
        slot,
        table,
        rules: here.length,
        masks: new Set(here.map((rule) => rule.mask)).size,
      })),
  );
});
