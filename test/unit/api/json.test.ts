import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { toJson } from '../../../src/api/json.js';

test('a bigint is an integer literal, whatever its size', (t) => {
  t.is(
    toJson({ small: 7n, edge: 9007199254740993n, huge: 2n ** 64n - 1n }),
    '{"small":7,"edge":9007199254740993,"huge":18446744073709551615}',
  );
});

testProp('everything else is as JSON.stringify has it', [fc.jsonValue()], (t, value) => {
  t.is(toJson([value, 2n ** 60n]), JSON.stringify([value]).slice(0, -1) + ',1152921504606846976]');
});

testProp('an integer of 64 bits keeps every digit', [fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })], (t, value) => {
  t.is(toJson({ value }), `{"value":${value}}`);
});
