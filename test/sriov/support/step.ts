import test, { type ExecutionContext } from 'ava';
import { Lab } from './lab.js';

/** Of a step that starts switches on a machine which has other work, too. */
const limitMs = 180_000;

let lab: Lab | undefined;

type Body = (t: ExecutionContext, lab: Lab) => Promise<void>;

const inLab =
  (body: Body) =>
  async (t: ExecutionContext): Promise<void> => {
    t.timeout(limitMs);
    if (!lab) throw new Error('there is no lab');
    await body(t, lab);
  };

/** A test of the one lab; they run in order, each where the ones before have left it. */
export const step = (title: string, body: Body): void => test.serial(title, inLab(body));

test.before('the lab is up', async (t) => {
  t.timeout(limitMs);
  lab = await Lab.up();
});

test.after.always('the lab is removed', () => lab?.down());
