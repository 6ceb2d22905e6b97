import { testProp } from '@fast-check/ava';
import test from 'ava';
import { groupSchema } from '../../../../src/config/schema.js';
import { schemaFaults } from '../../../../src/config/schema-faults.js';
import { formatGroup, parseGroup } from '../../../../src/flow/syntax/group-text.js';
import type { Fault } from '../../../../src/model/errors.js';
import type { GroupText } from '../../../../src/model/group.js';
import { oddTopology as topology } from '../../../support/flow-arbitrary.js';
import { groupText } from '../../../support/group-arbitrary.js';

function parse(text: GroupText) {
  const faults: Fault[] = [];
  return { group: parseGroup(text, topology, '/groups/0', faults), faults };
}

testProp('a group that is written out and read again is the same', [groupText], (t, text) => {
  t.deepEqual(schemaFaults(groupSchema, text), []);
  const { group, faults } = parse(text);
  t.deepEqual(faults, []);
  if (!group) return;
  const written = formatGroup(group, topology);
  t.deepEqual(parse(written).group, group);
  t.deepEqual(schemaFaults(groupSchema, written), []);
});

test('the canonical form: defaults filled in, an empty bucket drops', (t) => {
  const { group } = parse({ group: 1, type: 'select', buckets: [{ watch_port: 'up', actions: [] }] });
  t.deepEqual(group, {
    group: 1,
    type: 'select',
    hash: 'five_tuple',
    buckets: [
      {
        weight: 1,
        watchPort: topology.portByName.get('up')?.number,
        watchGroup: undefined,
        actions: [{ type: 'drop', reason: 'rule_drop' }],
      },
    ],
  });
});

const out = { type: 'output', port: 'up' } as const;
for (const [what, text, pointer] of [
  ['a hash of no select group', { type: 'all', hash: 'symmetric', buckets: [] }, '/hash'],
  ['an indirect group without a bucket', { type: 'indirect', buckets: [] }, '/buckets'],
  ['an indirect group of two', { type: 'indirect', buckets: [{ actions: [] }, { actions: [] }] }, '/buckets'],
  ['a weight of no select group', { type: 'all', buckets: [{ weight: 2, actions: [] }] }, '/buckets/0/weight'],
  ['a bucket that watches nothing', { type: 'ff', buckets: [{ actions: [out] }] }, '/buckets/0'],
  ['a bucket that watches itself', { type: 'ff', buckets: [{ watch_group: 1, actions: [] }] }, '/buckets/0/watch_group'],
  ['a watched port that is not there', { type: 'ff', buckets: [{ watch_port: 'x', actions: [] }] }, '/buckets/0/watch_port'],
  ['a watch that nobody looks at', { type: 'all', buckets: [{ watch_port: 'up', actions: [] }] }, '/buckets/0/watch_port'],
  [
    'an instruction',
    { type: 'all', buckets: [{ actions: [] }, { actions: [out, { type: 'goto_table', table: 1 }] }] },
    '/buckets/1/actions/1',
  ],
  ['an unknown port', { type: 'all', buckets: [{ actions: [{ type: 'output', port: 'x' }] }] }, '/buckets/0/actions/0/port'],
] as const satisfies readonly (readonly [string, Omit<GroupText, 'group'>, string])[]) {
  test(`refused with its place: ${what}`, (t) => {
    const { group, faults } = parse({ group: 1, ...text });
    t.is(group, undefined);
    t.deepEqual(
      faults.map((fault) => fault.pointer),
      [`/groups/0${pointer}`],
    );
    t.true(faults.every(({ remedy }) => remedy !== undefined && remedy !== ''));
  });
}
