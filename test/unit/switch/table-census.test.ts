import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import type { Match } from '../../../src/model/match.js';
import { TableCensusTaker } from '../../../src/switch/table-census.js';
import type { Rule } from '../../../src/switch/types.js';

const match = (prefix: number): Match =>
  new Map([['ipv4_dst' as const, { value: 0n, mask: ((1n << BigInt(prefix)) - 1n) << BigInt(32 - prefix) }]]);
const rule = (id: number, slot: number, table: number, prefix: number): Rule => ({
  id,
  slot,
  table,
  rank: 1,
  match: match(prefix),
  actions: [],
});

test('rules and masks of each table, and none where the last rule went', (t) => {
  const census = new TableCensusTaker();
  census.applied({ remove: [], add: [rule(1, 1, 0, 24), rule(2, 1, 0, 24), rule(3, 1, 0, 32), rule(1, 2, 5, 8)], steer: [] });
  t.deepEqual(census.list(), [
    { slot: 1, table: 0, rules: 3, masks: 2 },
    { slot: 2, table: 5, rules: 1, masks: 1 },
  ]);
  census.applied({
    remove: [
      { id: 3, slot: 1 },
      { id: 1, slot: 2 },
      { id: 7, slot: 'steering' },
    ],
    add: [],
    steer: [],
  });
  t.deepEqual(census.list(), [{ slot: 1, table: 0, rules: 2, masks: 1 }]);
});

testProp(
  'after any transactions it is the census of the rules that are left',
  [
    fc.array(
      fc.record({
        id: fc.nat(8),
        slot: fc.nat(2),
        table: fc.nat(1),
        prefix: fc.integer({ min: 30, max: 32 }),
        remove: fc.boolean(),
      }),
    ),
  ],
  (t, steps) => {
    const census = new TableCensusTaker();
    const left = new Map<string, Rule>();
    for (const { id, slot, table, prefix, remove } of steps) {
      const key = `${slot}/${id}`;
      const had = left.delete(key) ? [{ id, slot }] : [];
      const added = remove ? [] : [rule(id, slot, table, prefix)];
      for (const one of added) left.set(key, one);
      census.applied({ remove: had, add: added, steer: [] });
    }
    const expected = new Map<string, Rule[]>();
    for (const one of left.values())
      expected.set(`${one.slot}/${one.table}`, [...(expected.get(`${one.slot}/${one.table}`) ?? []), one]);
    t.deepEqual(
      census.list().map(({ slot, table, rules, masks }) => [`${slot}/${table}`, rules, masks]),
      [...expected.keys()].sort().map((key) => {
        const rules = expected.get(key) ?? [];
        return [key, rules.length, new Set(rules.map((one) => one.match.get('ipv4_dst')?.mask)).size];
      }),
    );
  },
);
