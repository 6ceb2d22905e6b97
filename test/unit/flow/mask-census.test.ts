import test from 'ava';
import { MaskCensus, type Counted } from '../../../src/flow/mask-census.js';
import { VswitchError } from '../../../src/model/errors.js';

const rule = (mask: string, pointer?: string, slot = 1): Counted => ({ slot, table: 0, mask, pointer });

test('one mask too many is refused, with each flow that brings it', (t) => {
  const census = new MaskCensus(2);
  census.commit([], [rule('a')]);
  const add = [rule('b', '/0'), rule('c', '/1'), rule('a', '/2'), rule('c', '/3')];
  const error = t.throws<VswitchError>(() => census.check([], add), { instanceOf: VswitchError });
  t.is(error.code, 'TABLE_UNBOUNDED');
  t.deepEqual(
    error.faults.map((fault) => fault.pointer),
    ['/1', '/3'],
  );
});

test('a mask that leaves makes room in the same transaction; slots have tables of their own', (t) => {
  const census = new MaskCensus(1);
  census.commit([], [rule('a'), rule('a'), rule('b', undefined, 2)]);
  t.notThrows(() => census.check([rule('a'), rule('a')], [rule('b')]));
  t.throws(() => census.check([rule('a')], [rule('b')]));
  t.notThrows(() => census.check([], [rule('b', undefined, 2), rule('a')]));
});
