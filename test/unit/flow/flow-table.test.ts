import test from 'ava';
import { FlowTable } from '../../../src/flow/flow-table.js';
import { VswitchError } from '../../../src/model/errors.js';
import { generation, operator } from '../../../src/model/ids.js';
import { blue, drop, limits, red, refusal, started, to } from '../../support/flow-desk.js';
import { RuleMachine } from '../../support/rule-machine.js';
import { labTopology } from '../../support/topology.js';

test('a start is one transaction: derived flows, steering, and the flows of the config', async (t) => {
  const machine = new RuleMachine();
  const table = new FlowTable({ ...machine.deps, topology: labTopology(), limits });
  t.is(table.generation, generation(0n));
  const result = await table.load({
    policy: [{ from: 'red', to: 'blue' }],
    flows: [
      { owner: operator, set: { flows: [drop(1, { in_port: 'r1' })] }, pointer: '' },
      { owner: red, set: { flows: [to(1, 'b1')] }, pointer: '/tenants/red' },
    ],
  });
  t.is(machine.transactions.length, 1);
  t.is(result.added, table.list().length);
  t.is(table.list(operator).length + table.list(red).length, 2);
  t.is(machine.steering.size, 4);
  t.is(table.generation, generation(1n));
});

test('a config whose flows are wrong is refused with the places in it', async (t) => {
  const machine = new RuleMachine();
  const table = new FlowTable({ ...machine.deps, topology: labTopology(), limits });
  const flows = [{ owner: red, set: { flows: [drop(1), to(2, 'b1')] }, pointer: '/tenants/red' }];
  const { code, faults } = await refusal(table.load({ policy: [], flows }));
  t.is(code, 'FLOW_ISOLATION');
  t.is(faults[0]?.pointer, '/tenants/red/flows/1/actions/0/port');
  t.is(machine.transactions.length, 0);
});

test('replace: what stays keeps id and counters, what changes does too, the rest goes', async (t) => {
  const { machine, table, explicit } = await started();
  await table.replace(red, { flows: [drop(1), drop(2), drop(3)] });
  const ids = table.list(red).map((flow) => flow.id);
  for (const rule of explicit()) machine.hit(rule.id, 5n);
  const result = await table.replace(red, { flows: [drop(3), to(2, 'r2'), drop(4)] });
  t.like(result, { added: 1, modified: 1, deleted: 1 });
  const now = table.list(red);
  t.deepEqual(
    now.map((flow) => flow.priority),
    [4, 3, 2],
  );
  t.deepEqual(
    now.slice(1).map((flow) => flow.id),
    ids.slice(0, 2),
  );
  t.deepEqual(
    table.stats(now.map((flow) => flow.id)).map(({ packets }) => packets),
    [0n, 5n, 5n],
  );
});

test('what is listed belongs to the owner, by falling rank', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: [drop(1), drop(9)] });
  await table.replace(blue, { flows: [drop(5)] });
  await table.replace(operator, { flows: [drop(0)] });
  t.deepEqual(
    table.list(red).map((flow) => flow.priority),
    [9, 1],
  );
  const all = table.list();
  t.is(all[0]?.band, 'operator');
  t.true(all.length > 20);
  t.deepEqual([...new Set(all.map((flow) => flow.band))], ['operator', 'guard', 'tenant', 'derived']);
  t.true(all.every((flow) => table.get(flow.id) === flow));
});

test('the operations of a transaction are done in their order', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: [drop(1)] });
  const id = table.list(red)[0]?.id;
  const result = await table.transact(red, [
    { op: 'add', flow: drop(2) },
    { op: 'modify', flow: to(2, 'r1') },
    { op: 'delete', flow: { priority: 1 } },
    { op: 'add', flow: drop(1) },
    { op: 'add', flow: drop(3) },
    { op: 'delete', flow: { priority: 3 } },
  ]);
  t.like(result, { added: 1, modified: 1, deleted: 0 });
  const flows = table.list(red);
  t.deepEqual(
    flows.map((flow) => [flow.priority, flow.actions[0]?.type]),
    [
      [2, 'output'],
      [1, 'drop'],
    ],
  );
  t.not(flows[1]?.id, id);
});

test('an add in the place of a flow starts its counters anew, a modify keeps them', async (t) => {
  const { machine, table, explicit } = await started();
  await table.replace(red, { flows: [drop(1), drop(2)] });
  for (const rule of explicit()) machine.hit(rule.id, 5n);
  await table.transact(red, [
    { op: 'add', flow: to(1, 'r1') },
    { op: 'modify', flow: to(2, 'r1') },
  ]);
  t.deepEqual(
    table.stats(table.list(red).map((flow) => flow.id)).map(({ packets }) => packets),
    [5n, 0n],
  );
  // The id of the rule that went is used again, and what it counted is not the new flow's.
  await table.transact(red, [{ op: 'add', flow: drop(7) }]);
  t.is(table.stats(table.list(red).map((flow) => flow.id))[0]?.packets, 0n);
});

test('what is not there cannot be modified or deleted', async (t) => {
  const { machine, table } = await started();
  const before = machine.transactions.length;
  const { code, faults } = await refusal(
    table.transact(red, [
      { op: 'add', flow: drop(1) },
      { op: 'modify', flow: drop(2) },
      { op: 'delete', flow: { priority: 3 } },
    ]),
  );
  t.is(code, 'FLOW_NOT_FOUND');
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    ['/1/flow', '/2/flow'],
  );
  t.is(machine.transactions.length, before);
});

test('two flows of one identity in a set: the second is named', async (t) => {
  const { table } = await started();
  const { code, faults } = await refusal(table.replace(red, { flows: [drop(1), drop(2), to(1, 'r1')] }));
  t.is(code, 'FLOW_INVALID');
  t.is(faults[0]?.pointer, '/flows/2');
});

test('one bad flow among many changes nothing', async (t) => {
  const { machine, table } = await started();
  await table.replace(operator, { flows: [drop(1)] });
  const rules = new Map(machine.rules);
  const listed = table.list();
  const flows = Array.from({ length: 500 }, (_, i) => drop(i, { in_port: i === 321 ? 'nowhere' : 'up' }));
  const { code, faults } = await refusal(table.replace(operator, { flows: flows }));
  t.is(code, 'FLOW_INVALID');
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    ['/flows/321/match/in_port'],
  );
  t.deepEqual(machine.rules, rules);
  t.is(table.list(), listed);
});

test('what the data plane refuses changes nothing here, and the next change goes', async (t) => {
  const { machine, table } = await started();
  await table.replace(red, { flows: [drop(1)] });
  const listed = table.list();
  machine.failure = new VswitchError('NATIVE_REFUSED', 'no');
  t.is((await refusal(table.replace(red, { flows: [drop(2), drop(3)] }))).code, 'NATIVE_REFUSED');
  t.deepEqual(table.list(), listed);
  t.like(await table.replace(red, { flows: [drop(2)] }), { added: 1, deleted: 1 });
  t.is(
    machine.rules.size,
    table.list().reduce((sum, flow) => sum + (flow.owner.kind === 'tenant' || flow.band === 'derived' ? 1 : 3), 0),
  );
});

test('changes wait for each other; the second of two for one generation is refused', async (t) => {
  const { table } = await started();
  const seen = table.generation;
  const [first, second] = await Promise.allSettled([
    table.transact(red, [{ op: 'add', flow: drop(1) }], seen),
    table.transact(red, [{ op: 'add', flow: drop(2) }], seen),
  ]);
  t.is(first.status, 'fulfilled');
  t.is(second.status === 'rejected' ? (second.reason as VswitchError).code : '', 'GENERATION_MISMATCH');
  t.is(table.list(red).length, 1);
  await Promise.all(Array.from({ length: 50 }, (_, i) => table.transact(red, [{ op: 'add', flow: drop(100 + i) }])));
  t.is(table.list(red).length, 51);
});

test('a change of nothing is no transaction', async (t) => {
  const { machine, table } = await started();
  await table.replace(red, { flows: [drop(1)] });
  const before = machine.transactions.length;
  t.like(await table.replace(red, { flows: [drop(1)] }), { added: 0, modified: 0, deleted: 0, generation: table.generation });
  await table.setPolicy([]);
  await table.transact(red, []);
  t.is(machine.transactions.length, before);
  const cookie = await table.replace(red, { flows: [{ ...drop(1), cookie: 5 }] });
  t.like(cookie, { modified: 1 });
  t.is(table.list(red)[0]?.cookie, 5n);
});
