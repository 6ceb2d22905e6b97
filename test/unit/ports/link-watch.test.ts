import test from 'ava';
import { LinkWatch } from '../../../src/ports/link-watch.js';

/** A watch on timers that the test fires, which is needed while `groups` is not 0. */
function fixture() {
  const timers = new Set<() => void>();
  const errors: unknown[] = [];
  const state = { groups: 0, looks: 0, fails: false };
  const watch = new LinkWatch({
    isNeeded: () => state.groups > 0,
    look: async () => {
      state.looks++;
      if (state.fails) throw new Error('no device');
    },
    after: (_ms, work) => {
      timers.add(work);
      return () => timers.delete(work);
    },
    onError: (error) => errors.push(error),
  });
  const fire = async () => {
    for (const work of [...timers]) {
      timers.delete(work);
      work();
    }
    await new Promise(setImmediate);
  };
  return { watch, timers, errors, state, fire };
}

test('without a group there is no timer', (t) => {
  const { watch, timers } = fixture();
  watch.wake();
  t.is(timers.size, 0);
});

test('from the first group to the last one links are looked at, with one timer at a time', async (t) => {
  const { watch, timers, state, fire } = fixture();
  state.groups = 1;
  watch.wake();
  watch.wake();
  t.is(timers.size, 1);
  await fire();
  await fire();
  t.is(state.looks, 2);
  t.is(timers.size, 1);
  state.groups = 0;
  await fire();
  t.is(state.looks, 3);
  t.is(timers.size, 0);
});

test('a look that fails is told, and the next one comes', async (t) => {
  const { watch, timers, errors, state, fire } = fixture();
  state.groups = 1;
  state.fails = true;
  watch.wake();
  await fire();
  t.is(errors.length, 1);
  t.is(timers.size, 1);
});

test('a watch that is stopped stays so', async (t) => {
  const { watch, timers, state } = fixture();
  state.groups = 1;
  watch.wake();
  await watch.stop();
  watch.wake();
  t.is(timers.size, 0);
});
