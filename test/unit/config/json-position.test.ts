import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { jsonFaultPosition } from '../../../src/config/json-position.js';

for (const [text, line, column] of [
  ['', 1, 1],
  ['abc', 1, 1],
  ['{"a":1,}', 1, 8],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{"a":', 1, 6],
  ['[1, 2', 1, 6],
  ['[01]', 1, 3],
  ['{"a": "x\ny"}', 1, 7],
  ['{a: 1}', 1, 2],
  ['{} {}', 1, 4],
  ["{'a': 1}", 1, 2],
  ['{\n  // why\n}', 2, 3],
] as const) {
  test(`the first fault of ${JSON.stringify(text)}`, (t) => {
    t.throws(() => JSON.parse(text) as unknown);
    t.deepEqual(jsonFaultPosition(text), { line, column });
  });
}

const damaged = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x')).map(([text, at, extra]) => {
  const cut = at % (text.length + 1);
  return text.slice(0, cut) + extra + text.slice(cut + 1);
});

testProp('a position is given exactly where JSON.parse refuses', [fc.oneof(fc.json(), damaged, fc.string())], (t, text) => {
  let valid = true;
  try {
    JSON.parse(text);
  } catch {
    valid = false;
  }
  t.is(jsonFaultPosition(text) === undefined, valid);
});
