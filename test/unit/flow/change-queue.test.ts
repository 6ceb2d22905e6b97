import test from 'ava';
import type { FlowOperation, FlowText } from '../../../src/model/flow.js';
import { drop, red, refusal, started, to } from '../../support/flow-desk.js';

const add = (flow: FlowText): FlowOperation => ({ op: 'add', flow });

test('changes that come while others are applied are applied together, each as its own transaction', async (t) => {
  const { machine, table } = await started();
  const before = machine.transactions.length;
  const results = await Promise.all([1, 2, 3, 4].map((priority) => table.transact(red, [add(drop(priority))])));
  t.deepEqual(
    results.map(({ generation }) => Number(generation) - before),
    [1, 2, 3, 4],
  );
  t.is(machine.transactions.length, before + 4);
  t.true(machine.calls < before + 4, 'in fewer calls');
});

test('a change is planned on top of those before it', async (t) => {
  const { table } = await started();
  const [, second, third, fourth] = await Promise.all([
    table.transact(red, [add(drop(1))]),
    table.transact(red, [add(drop(2))]),
    table.transact(red, [add(to(2, 'up'))]),
    table.transact(red, [{ op: 'delete', flow: { priority: 2 } }]),
  ]);
  t.like(second, { added: 1 });
  t.like(third, { added: 0, modified: 1 });
  t.like(fourth, { deleted: 1 });
  t.is(table.count(red), 1);
});

test('one that is refused touches no other', async (t) => {
  const { table } = await started();
  const bad = refusal(table.transact(red, [add({ ...drop(3), match: { ipv4_dst: '10.0.0.300' } })]));
  const good = await Promise.all([1, 2].map((priority) => table.transact(red, [add(drop(priority))])));
  t.is((await bad).code, 'FLOW_INVALID');
  t.true(good.every(({ added }) => added === 1));
  t.is(table.count(red), 2);
});

test('one that the data plane refuses touches no other, though they were planned on top of it', async (t) => {
  const { machine, table, explicit } = await started();
  machine.dislikes = ({ add: [rule] }) => rule?.actions[0]?.type === 'drop' && rule.rank % 65_536 === 2;
  const first = table.transact(red, [add(drop(1))]);
  const second = refusal(table.transact(red, [add(drop(2))]));
  const third = table.transact(red, [add(to(2, 'up'))]);
  const fourth = table.transact(red, [add(drop(4))]);
  t.like(await first, { added: 1 });
  t.is((await second).code, 'NATIVE_REFUSED');
  t.like(await third, { added: 1, modified: 0 }, 'nothing is there that it would replace');
  t.like(await fourth, { added: 1 });
  t.is(table.count(red), 3);
  t.is(explicit().length, 3);
});

test('a generation that is asked for is that of what was applied', async (t) => {
  const { table } = await started();
  const { generation } = table;
  const [, , wrong] = await Promise.all([
    table.transact(red, [add(drop(1))]),
    table.transact(red, [add(drop(2))]),
    refusal(table.transact(red, [add(drop(3))], generation)),
  ]);
  t.is(wrong.code, 'GENERATION_MISMATCH');
  t.is(table.count(red), 2);
});
