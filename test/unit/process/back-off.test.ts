import test from 'ava';
import { BackOff } from '../../../src/process/back-off.js';

test('who fails again and again waits longer each time, up to half a minute', (t) => {
  const backOff = new BackOff();
  const waits = Array.from({ length: 12 }, () => backOff.after(500));
  t.deepEqual(waits.slice(0, 4), [100, 200, 400, 800]);
  t.deepEqual(waits.slice(-2), [30_000, 30_000]);
});

test('who ran for a while is started again at once', (t) => {
  const backOff = new BackOff();
  for (let i = 0; i < 5; i++) backOff.after(500);
  t.is(backOff.after(60_000), 100);
  t.is(backOff.after(500), 200);
});
