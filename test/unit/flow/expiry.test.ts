import test from 'ava';
import { Expiry } from '../../../src/flow/expiry.js';
import { FlowTable, type RemovedFlow } from '../../../src/flow/flow-table.js';
import type { FlowText } from '../../../src/model/flow.js';
import { drop, limits, red } from '../../support/flow-desk.js';
import { RuleMachine } from '../../support/rule-machine.js';
import { labTopology } from '../../support/topology.js';

/** A flow table with a clock that the test turns. */
async function clocked() {
  const machine = new RuleMachine();
  const removed: RemovedFlow[] = [];
  const errors: unknown[] = [];
  let timer: { at: number; work: () => void } | undefined;
  const deps = {
    ...machine.deps,
    topology: labTopology(),
    limits,
    removed: (flows: readonly RemovedFlow[]) => removed.push(...flows),
    changed: () => expiry.wake(),
  };
  const flows: FlowTable = new FlowTable(deps);
  const expiry: Expiry = new Expiry({
    flows,
    now: () => machine.nowMs,
    after: (ms, work) => {
      timer = { at: machine.nowMs + ms, work };
      return () => (timer = undefined);
    },
    onError: (error) => errors.push(error),
  });
  await flows.load({ policy: [], flows: [] });
  /** Lets the time go by, and what falls due be done. */
  const pass = async (ms: number) => {
    const end = machine.nowMs + ms;
    while (timer && timer.at <= end) {
      const { at, work } = timer;
      machine.nowMs = at;
      timer = undefined;
      work();
      await new Promise(setImmediate);
    }
    machine.nowMs = end;
  };
  const hit = () => {
    for (const rule of machine.rules.values()) if (rule.rank >> 16 === 1) machine.hit(rule.id, 1n);
  };
  return { machine, flows, expiry, removed, errors, pass, hit, armed: () => timer !== undefined };
}

const timed = (priority: number, idle: number, hard: number): FlowText => ({
  ...drop(priority),
  idle_timeout: idle,
  hard_timeout: hard,
});
const left = ({ flows }: { flows: FlowTable }) => flows.list(red).map((flow) => flow.priority);

test('a hard timeout comes whatever the traffic', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [timed(1, 0, 2), drop(2)] });
  for (let i = 0; i < 7; i++) {
    it.hit();
    await it.pass(250);
  }
  t.deepEqual(left(it), [2, 1]);
  await it.pass(500);
  t.deepEqual(left(it), [2]);
  t.like(it.removed[0], { reason: 'hard_timeout', stats: { packets: 7n, durationMs: 2000 }, flow: { priority: 1 } });
  t.is(it.removed.length, 1);
});

test('an idle timeout comes when no packet came for so long', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [timed(1, 2, 0)] });
  for (let i = 0; i < 10; i++) {
    await it.pass(1000);
    it.hit();
  }
  t.deepEqual(left(it), [1]);
  await it.pass(1500);
  t.deepEqual(left(it), [1]);
  await it.pass(1000);
  t.deepEqual(left(it), []);
  t.like(it.removed[0], { reason: 'idle_timeout', stats: { packets: 10n } });
});

test('a modify keeps the age, an add begins anew', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [timed(1, 0, 4), timed(2, 0, 4)] });
  await it.pass(3000);
  await it.flows.transact(red, [
    { op: 'modify', flow: { priority: 1, actions: [{ type: 'output', port: 'r1' }] } },
    { op: 'add', flow: timed(2, 0, 4) },
  ]);
  t.deepEqual(it.removed, []);
  await it.pass(1500);
  t.deepEqual(left(it), [2]);
  await it.pass(3000);
  t.deepEqual(left(it), []);
});

test('many that come due go in one transaction; the timer rests where no flow has a timeout', async (t) => {
  const it = await clocked();
  t.false(it.armed());
  await it.flows.replace(red, { flows: Array.from({ length: 50 }, (_, i) => timed(i, 0, 1)) });
  t.true(it.armed());
  const before = it.machine.transactions.length;
  await it.pass(2000);
  t.is(it.machine.transactions.length, before + 1);
  t.is(it.removed.length, 50);
  t.false(it.armed());
});

test('what the data plane refuses is tried again', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [timed(1, 0, 1)] });
  await it.pass(800);
  it.machine.failure = new Error('busy');
  await it.pass(300);
  t.is(it.errors.length, 1);
  t.deepEqual(left(it), [1]);
  await it.pass(500);
  t.deepEqual(left(it), []);
});

test('changes that follow each other closely do not put the sweep off; a stop ends it', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [timed(1, 0, 1)] });
  for (let i = 0; i < 20; i++) {
    await it.pass(100);
    await it.flows.transact(red, [{ op: 'add', flow: drop(7) }]);
  }
  t.deepEqual(left(it), [7]);
  await it.flows.transact(red, [{ op: 'add', flow: timed(1, 0, 1) }]);
  it.expiry.stop();
  await it.pass(5000);
  t.deepEqual(left(it), [7, 1]);
});

test('who deletes a flow gives the reason; one that is put anew is not told', async (t) => {
  const it = await clocked();
  await it.flows.replace(red, { flows: [drop(1), drop(2)] });
  await it.flows.transact(red, [
    { op: 'add', flow: drop(1) },
    { op: 'delete', flow: { priority: 2 } },
  ]);
  t.deepEqual(
    it.removed.map(({ flow, reason }) => [flow.priority, reason]),
    [[2, 'delete']],
  );
});
