import test from 'ava';
import { milliseconds } from '../../../src/cli/duration.js';

test('durations with and without a unit', (t) => {
  t.deepEqual(['20s', '1.5m', '500ms', '2h', '7'].map(milliseconds), [20_000, 90_000, 500, 7_200_000, 7_000]);
});

for (const text of ['', 's', '-1s', '20 s', '20d', '1e3']) {
  test(`"${text}" is no duration`, (t) => {
    t.throws(() => milliseconds(text), { message: /for example 20s/ });
  });
}
