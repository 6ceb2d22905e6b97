import test from 'ava';
import { once } from '../../../src/switch/counters.js';
import { startFakeSwitch } from '../../support/fake-switch.js';

test('a snapshot is of its moment, whenever somebody looks into it', async (t) => {
  const { dataPlane, native } = await startFakeSwitch();
  native.counters.set('worker:0:polls', 7n);
  const early = dataPlane.snapshot();
  native.counters.set('worker:0:polls', 9n);
  const late = dataPlane.snapshot();
  t.is(late.workers[0]?.polls, 9n);
  t.is(early.workers[0]?.polls, 7n);
  t.is(early.workers, early.workers, 'decoded once');
});

test('what is asked for twice is made once, undefined too', (t) => {
  let made = 0;
  const value = once(() => {
    made++;
  });
  t.is(made, 0);
  value();
  value();
  t.is(made, 1);
});

test('the connections’ counters are the same array until one of them changes', async (t) => {
  const { dataPlane, native } = await startFakeSwitch();
  const { conntrack } = dataPlane;
  const before = conntrack.counters();
  t.is(conntrack.counters(), before);
  native.ctCounts.set('0/created', 1n);
  const after = conntrack.counters();
  t.not(after, before);
  t.is(after[0]?.created, 1n);
});
