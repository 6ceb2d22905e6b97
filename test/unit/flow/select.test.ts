import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { covers, overlap } from '../../../src/flow/select.js';
import type { FieldMatch, FieldName, Match } from '../../../src/model/match.js';

/** Fields of few values, so that every one can be tried. */
const tried = 64n;
const full = 0xffffn;
const high = full & ~(tried - 1n);
const masked = fc.tuple(fc.bigInt(0n, tried - 1n), fc.bigInt(0n, tried - 1n)).map(([value, mask]): FieldMatch => {
  const whole = mask | high;
  return { value: value & whole, mask: whole };
});
const range = fc.tuple(fc.bigInt(0n, tried - 1n), fc.bigInt(0n, tried - 1n)).map(([a, b]): FieldMatch => ({
  value: a < b ? a : b,
  mask: full,
  high: a < b ? b : a,
}));
const field = fc.oneof(masked, range);
const match = fc
  .record({ tcp_src: fc.option(field), tcp_dst: fc.option(field) })
  .map((fields): Match => new Map(Object.entries(fields).filter(([, found]) => found !== null) as [FieldName, FieldMatch][]));

const values = Array.from({ length: Number(tried) }, (_, i) => BigInt(i));
const hits = (found: FieldMatch | undefined, value: bigint): boolean =>
  !found || (found.high === undefined ? (value & found.mask) === found.value : value >= found.value && value <= found.high);
const valuesOf = (found: FieldMatch | undefined): bigint[] => values.filter((value) => hits(found, value));
const names = ['tcp_src', 'tcp_dst'] as const;

testProp(
  'a match covers another exactly where it names no other field and takes every value',
  [match, match],
  (t, outer, inner) => {
    const expected = names.every(
      (name) => !outer.has(name) || (inner.has(name) && valuesOf(inner.get(name)).every((value) => hits(outer.get(name), value))),
    );
    t.is(covers(outer, inner), expected);
  },
);

testProp('two matches overlap exactly where some packet has both', [match, match], (t, a, b) => {
  const expected = names.every((name) => valuesOf(a.get(name)).some((value) => hits(b.get(name), value)));
  t.is(overlap(a, b), expected);
  t.is(overlap(b, a), expected);
});

test('everything is covered by no match at all', (t) => {
  const some: Match = new Map([['in_port', { value: 1n, mask: full }]]);
  t.true(covers(new Map(), some));
  t.false(covers(some, new Map()));
  t.true(covers(some, some));
});
