import fc from 'fast-check';
import type { ActionText } from '../../../src/model/action.js';
import type { BucketText, GroupText } from '../../../src/model/group.js';
import { openChange, output, track } from './actions.js';
import { allPorts, groupIds } from './pools.js';
import { isGroup } from './valid.js';

/** A bucket may send to groups of a higher number, so that no circle comes about. */
function actionsOf(group: number): fc.Arbitrary<ActionText[]> {
  const later = groupIds.filter((id) => id > group);
  const next = later.length === 0 ? output : fc.constantFrom(...later).map((id): ActionText => ({ type: 'group', group: id }));
  const list = fc
    .tuple(
      fc.array(fc.oneof({ weight: 5, arbitrary: openChange }, { weight: 1, arbitrary: track }), { maxLength: 2 }),
      fc.array(fc.oneof({ weight: 3, arbitrary: output }, { weight: 1, arbitrary: next }), { maxLength: 2 }),
      fc.array(openChange, { maxLength: 1 }),
    )
    .map((lists) => lists.flat());
  return fc.oneof(
    { weight: 12, arbitrary: list },
    { weight: 1, arbitrary: list.map((actions): ActionText[] => [{ type: 'meter', meter: 1 }, ...actions]) },
    { weight: 1, arbitrary: fc.constant<ActionText[]>([{ type: 'drop' }]) },
  );
}

function watchOf(group: number): fc.Arbitrary<Pick<BucketText, 'watch_port' | 'watch_group'>> {
  const port = fc.constantFrom(...allPorts, 'p5').map((name) => ({ watch_port: name }));
  const later = groupIds.filter((id) => id > Math.max(group, 2));
  if (later.length === 0) return port;
  const other = fc.constantFrom(...later).map((id) => ({ watch_group: id }));
  // A group that is watched seldom watches another.
  return fc.oneof({ weight: group < 3 ? 2 : 30, arbitrary: port }, { weight: 1, arbitrary: other });
}

export function groupOf(group: number): fc.Arbitrary<GroupText> {
  const actions = actionsOf(group);
  const watch = watchOf(group);
  const none: fc.Arbitrary<BucketText[]> = fc.constant([]);
  const buckets = (make: fc.Arbitrary<BucketText>): fc.Arbitrary<BucketText[]> =>
    fc.oneof({ weight: 9, arbitrary: fc.array(make, { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: none });
  const weighted = fc
    .tuple(fc.record({ weight: fc.constantFrom(0, 1, 2, 50), actions }, { requiredKeys: ['actions'] }), fc.option(watch))
    .map(([bucket, by]): BucketText => ({ ...bucket, ...by }));
  const watched = fc.tuple(watch, actions).map(([by, list]): BucketText => ({ ...by, actions: list }));
  const any = fc.oneof(
    buckets(fc.record({ actions })).map((list): GroupText => ({ group, type: 'all', buckets: list })),
    actions.map((list): GroupText => ({ group, type: 'indirect', buckets: [{ actions: list }] })),
    buckets(watched).map((list): GroupText => ({ group, type: 'ff', buckets: list })),
    fc
      .tuple(fc.constantFrom('five_tuple' as const, 'symmetric' as const), buckets(weighted))
      .map(([hash, list]): GroupText => ({ group, type: 'select', hash, buckets: list })),
  );
  return any.filter(isGroup);
}
