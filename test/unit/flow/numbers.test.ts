import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Numbers, type NumberSpec } from '../../../src/flow/numbers.js';

interface Counters {
  readonly packets: bigint;
  readonly bytes: bigint;
}
const numbers = (limit: number, read: NumberSpec<Counters>['read']) =>
  new Numbers<Counters>({ limit, what: 'rules', remedy: 'delete flows', read });

test('an id that is given out again starts from what it has counted before', (t) => {
  const counted = [0n, 0n];
  const ids = numbers(2, (of) => of.map((id) => ({ packets: counted[id] ?? 0n, bytes: 0n })));
  ids.commit(ids.reserve(1, []), []);
  counted[0] = 7n;
  t.deepEqual(ids.counters([0]), [{ packets: 7n, bytes: 0n }]);
  ids.commit(ids.reserve(0, [0]), [0]);
  ids.commit(ids.reserve(1, []), []);
  t.deepEqual(ids.counters([0]), [{ packets: 0n, bytes: 0n }]);
  counted[0] = 9n;
  t.deepEqual(ids.counters([0]), [{ packets: 2n, bytes: 0n }]);
});

test('a full data plane can be replaced at once, but not exceeded', (t) => {
  const ids = numbers(3, (of) => of.map(() => ({ packets: 0n, bytes: 0n })));
  const first = ids.reserve(3, []);
  ids.commit(first, []);
  t.throws(() => ids.reserve(1, []), { code: 'LIMIT_EXCEEDED' });
  const again = ids.reserve(3, first.ids);
  t.deepEqual([...again.ids].sort(), [0, 1, 2]);
  ids.commit(again, first.ids);
  t.is(ids.inUse, 3);
});

/** Transactions that take and give back ids; every other one is not applied. */
const steps = fc.array(fc.record({ take: fc.nat(6), give: fc.array(fc.nat(20), { maxLength: 6 }), applied: fc.boolean() }));

testProp('an id is in use once, and none is lost', [steps], (t, list) => {
  const limit = 12;
  const ids = numbers(limit, (of) => of.map(() => ({ packets: 0n, bytes: 0n })));
  let live: number[] = [];
  for (const { take, give, applied } of list) {
    const removed = [...new Set(give.flatMap((i) => live[i] ?? []))];
    if (live.length - removed.length + take > limit) {
      t.throws(() => ids.reserve(take, removed), { code: 'LIMIT_EXCEEDED' });
      continue;
    }
    const reserved = ids.reserve(take, removed);
    const kept = live.filter((id) => !removed.includes(id));
    t.is(new Set([...kept, ...reserved.ids]).size, kept.length + take);
    t.true(reserved.ids.every((id) => id >= 0 && id < limit));
    if (applied) {
      ids.commit(reserved, removed);
      live = [...kept, ...reserved.ids];
    } else ids.cancel(reserved);
    t.is(ids.inUse, live.length);
  }
  t.is(ids.inUse, live.length);
});
