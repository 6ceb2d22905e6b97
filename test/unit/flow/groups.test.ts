import test from 'ava';
import { formatGroup } from '../../../src/flow/syntax/group-text.js';
import type { BucketText, GroupText } from '../../../src/model/group.js';
import { operator } from '../../../src/model/ids.js';
import { withPorts } from '../../../src/flow/topology.js';
import { blue, drop, red, refusal, started, to } from '../../support/flow-desk.js';

const bucket = (port: string): BucketText => ({ actions: [{ type: 'output', port }] });
const all = (group: number, ...ports: string[]): GroupText => ({ group, type: 'all', buckets: ports.map(bucket) });
const chain = (group: number, next: number): GroupText => ({
  group,
  type: 'indirect',
  buckets: [{ actions: [{ type: 'group', group: next }] }],
});
const through = (priority: number, group: number) => ({ priority, actions: [{ type: 'group', group } as const] });
const addGroup = (group: GroupText) => ({ op: 'add', group }) as const;
const meter = (id: number, rate = 1000) => ({ meter: id, unit: 'kbps', bands: [{ type: 'drop', rate }] }) as const;
const metered = (priority: number, id: number) => ({
  priority,
  actions: [{ type: 'meter', meter: id } as const, { type: 'output', port: 'r1' } as const],
});
const pointers = async (work: Promise<unknown>) => {
  const { code, faults } = await refusal(work);
  return [code, ...faults.map(({ pointer }) => pointer)];
};

test('owners have ids of their own; the data plane gets numbers', async (t) => {
  const { machine, table, explicit } = await started();
  for (const [owner, port] of [
    [red, 'r1'],
    [blue, 'b1'],
    [operator, 'up'],
  ] as const)
    await table.transact(owner, [addGroup(all(7, port)), { op: 'add', flow: through(1, 7) }]);
  t.is(machine.groups.size, 3);
  t.deepEqual(
    table.groups.list().map(({ owner, id }) => [owner.kind === 'tenant' ? owner.tenant : '', id]),
    [
      ['', 7],
      ['blue', 7],
      ['red', 7],
    ],
  );
  const ports = explicit().map(({ slot, actions: [action] }) => {
    const group = action?.type === 'group' ? machine.groups.get(action.group) : undefined;
    const [output] = group?.buckets[0]?.actions ?? [];
    return [slot, output?.type === 'output' ? table.topology.portByNumber.get(Number(output.port))?.name : ''];
  });
  // The operator's flow is in every slot, and uses the operator's group there.
  t.deepEqual(ports.sort(), [
    [0, 'up'],
    [1, 'r1'],
    [1, 'up'],
    [2, 'b1'],
    [2, 'up'],
  ]);
});

test('what names a group or a meter that is not there is refused, wherever the name is', async (t) => {
  const { machine, table } = await started();
  const before = machine.transactions.length;
  t.deepEqual(
    await pointers(
      table.transact(red, [
        { op: 'add', flow: through(1, 1) },
        { op: 'add', flow: { actions: [{ type: 'write_actions', actions: [{ type: 'group', group: 2 }] }] } },
        { op: 'add', flow: metered(3, 3) },
        addGroup({ group: 4, type: 'ff', buckets: [{ watch_group: 5, actions: [{ type: 'group', group: 6 }] }] }),
      ]),
    ),
    [
      'FLOW_INVALID',
      '/0/flow/actions/0/group',
      '/1/flow/actions/0/actions/0/group',
      '/2/flow/actions/0/meter',
      '/3/group/buckets/0/watch_group',
      '/3/group/buckets/0/actions/0/group',
    ],
  );
  t.is(machine.transactions.length, before);
  t.deepEqual(await pointers(table.replace(red, { flows: [through(1, 1)] })), ['FLOW_INVALID', '/flows/0/actions/0/group']);
});

test('within a transaction the order does not matter to a name', async (t) => {
  const { table } = await started();
  t.like(await table.transact(red, [{ op: 'add', flow: through(1, 1) }, addGroup(chain(1, 2)), addGroup(all(2, 'r1'))]), {
    added: 1,
    groups: { added: 2, modified: 0, deleted: 0 },
  });
});

test('add, modify and delete of a group', async (t) => {
  const { machine, table } = await started();
  await table.transact(red, [addGroup(all(1, 'r1')), addGroup(all(2, 'r2'))]);
  t.deepEqual(await pointers(table.transact(red, [addGroup(all(1, 'r2'))])), ['GROUP_INVALID', '/0/group/group']);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', group: all(3, 'r2') }])), [
    'GROUP_NOT_FOUND',
    '/0/group/group',
  ]);
  const number = table.groups.of(red).get(1)?.number ?? -1;
  machine.groupHits.set(number, 8n);
  t.like(await table.transact(red, [{ op: 'modify', group: all(1, 'r2') }]), { groups: { modified: 1 } });
  t.is(table.groups.of(red).get(1)?.number, number);
  t.deepEqual(
    table.groups.counters(table.groups.list(red)).map(({ packets }) => packets),
    [8n, 0n],
  );
  const transactions = machine.transactions.length;
  await table.transact(red, [
    { op: 'modify', group: all(1, 'r2') },
    { op: 'delete', group: { group: 99 } },
  ]);
  t.is(machine.transactions.length, transactions);
  t.like(await table.transact(red, [{ op: 'delete', group: { group: 'all' } }]), { groups: { deleted: 2 } });
  t.is(machine.groups.size, 0);
  // The number is given out again, and what it counted is not the new group's; the owner's total keeps it.
  await table.transact(red, [addGroup(all(5, 'r1')), addGroup(all(6, 'r1'))]);
  t.deepEqual(
    table.groups.counters(table.groups.list(red)).map(({ packets }) => packets),
    [0n, 0n],
  );
  t.deepEqual(table.groups.totals(), [{ owner: 'tenant:red', count: 2, counters: { packets: 8n, bytes: 800n } }]);
});

test("with a group go its owner's flows that use it, also those that write it, and nobody else's", async (t) => {
  const { table } = await started();
  const writes = { priority: 3, actions: [{ type: 'write_actions', actions: [{ type: 'group', group: 1 }] } as const] };
  await table.transact(red, [
    addGroup(all(1, 'r1')),
    { op: 'add', flow: through(1, 1) },
    { op: 'add', flow: to(2, 'r1') },
    { op: 'add', flow: writes },
  ]);
  await table.transact(blue, [addGroup(all(1, 'b1')), { op: 'add', flow: through(1, 1) }]);
  t.like(await table.transact(red, [{ op: 'delete', group: { group: 1 } }]), { deleted: 2, groups: { deleted: 1 } });
  t.deepEqual(
    table.list(red).map(({ priority }) => priority),
    [2],
  );
  t.is(table.list(blue).length, 1);
});

test('a group that another names stays, unless that one changes in the same transaction', async (t) => {
  const { table } = await started();
  await table.transact(red, [addGroup(chain(1, 2)), addGroup(all(2, 'r1'))]);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'delete', group: { group: 2 } }])), ['GROUP_INVALID', '/0/group']);
  t.like(
    await table.transact(red, [
      { op: 'delete', group: { group: 2 } },
      { op: 'modify', group: all(1, 'r1') },
    ]),
    { groups: { modified: 1, deleted: 1 } },
  );
});

test('chains without end, or longer than four, are refused', async (t) => {
  const { table } = await started();
  await table.transact(red, [addGroup(chain(1, 2)), addGroup(chain(2, 3)), addGroup(chain(3, 4)), addGroup(all(4, 'r1'))]);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', group: chain(4, 2) }])), ['GROUP_INVALID', '/0/group']);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', group: chain(4, 4) }])), ['GROUP_INVALID', '/0/group']);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', group: chain(4, 5) }, addGroup(all(5, 'r1'))])), [
    'GROUP_INVALID',
    '/0/group',
    '/1/group',
  ]);
  t.deepEqual(await pointers(table.transact(red, [addGroup(chain(9, 1))])), ['GROUP_INVALID', '/0/group']);
});

test('a group that is watched watches no group itself', async (t) => {
  const { table } = await started();
  const watching = (group: number, watched: number): GroupText => ({
    group,
    type: 'ff',
    buckets: [
      { watch_port: 'r1', ...bucket('r1') },
      { watch_group: watched, ...bucket('r1') },
    ],
  });
  await table.transact(red, [addGroup(all(1, 'r1')), addGroup(watching(2, 1)), addGroup(all(3, 'r1'))]);
  t.deepEqual(await pointers(table.transact(red, [addGroup(watching(4, 2))])), [
    'GROUP_INVALID',
    '/0/group/buckets/1/watch_group',
  ]);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', group: watching(1, 3) }])), ['GROUP_INVALID', '/0/group']);
  await table.transact(red, [addGroup(watching(4, 3))]);
});

test('a group sends and looks only where its owner may; policy takes away and gives back', async (t) => {
  const { machine, table } = await started();
  const astray = { group: 1, type: 'ff', buckets: [{ watch_port: 'b1', actions: [{ type: 'output', port: 'b1' }] }] } as const;
  t.deepEqual(await pointers(table.transact(red, [addGroup(astray)])), [
    'FLOW_ISOLATION',
    '/0/group/buckets/0/watch_port',
    '/0/group/buckets/0/actions/0/port',
  ]);
  t.like(await table.transact(operator, [addGroup(astray)]), { groups: { added: 1 } });
  await table.setPolicy([{ from: 'red', to: 'blue' }]);
  await table.transact(red, [addGroup(all(2, 'r1', 'b1'))]);
  const types = () =>
    machine.groups.get(table.groups.of(red).get(2)?.number ?? -1)?.buckets.map(({ actions }) => actions[0]?.type);
  t.deepEqual(types(), ['output', 'output']);
  await table.setPolicy([]);
  t.deepEqual(types(), ['output', 'drop']);
  t.deepEqual(
    table.groups.list(red).map(({ value }) => formatGroup(value, table.topology)),
    [all(2, 'r1', 'b1')],
  );
  await table.setPolicy([{ from: 'red', to: 'blue' }]);
  t.deepEqual(types(), ['output', 'output']);
});

test('a port that a group names stays', async (t) => {
  const { table } = await started();
  await table.transact(red, [addGroup(all(1, 'r2'))]);
  const { ports } = table.topology;
  const without = withPorts(
    table.topology,
    ports.filter(({ name }) => name !== 'r2'),
  );
  t.is((await refusal(table.setTopology(without))).code, 'PORT_IN_USE');
});

test('a set of flows keeps groups and meters, unless it says what they are', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: [through(1, 1), metered(2, 1)], groups: [all(1, 'r1'), all(2, 'r2')], meters: [meter(1)] });
  t.like(await table.replace(red, { flows: [through(3, 1)] }), { added: 1, deleted: 2, groups: { deleted: 0 } });
  t.like(await table.replace(red, { flows: [through(3, 1)], groups: [all(1, 'r2'), all(3, 'r1')], meters: [] }), {
    modified: 0,
    groups: { added: 1, modified: 1, deleted: 1 },
    meters: { deleted: 1 },
  });
  t.deepEqual(await pointers(table.replace(red, { flows: [through(3, 1)], groups: [all(4, 'r1'), all(4, 'r1')] })), [
    'FLOW_INVALID',
    '/groups/1/group',
    '/flows/0/actions/0/group',
  ]);
});

test('meters: add, modify, delete with the flows that use them', async (t) => {
  const { machine, table } = await started();
  await table.transact(red, [
    { op: 'add', meter: meter(1) },
    { op: 'add', flow: metered(1, 1) },
    { op: 'add', flow: drop(2) },
  ]);
  const number = table.meters.of(red).get(1)?.number ?? -1;
  machine.meterHits.set(number, 3n);
  t.like(table.meters.counters(table.meters.list())[0], { packets: 3n, green: 3n, red: 0n });
  t.deepEqual(await pointers(table.transact(red, [{ op: 'add', meter: meter(1) }])), ['METER_INVALID', '/0/meter/meter']);
  t.deepEqual(await pointers(table.transact(red, [{ op: 'modify', meter: meter(2) }])), ['METER_NOT_FOUND', '/0/meter/meter']);
  t.like(await table.transact(red, [{ op: 'modify', meter: meter(1, 2000) }]), { meters: { modified: 1 } });
  t.is(machine.meters.get(number)?.cir, 250_000n);
  t.like(await table.transact(red, [{ op: 'delete', meter: { meter: 1 } }]), { deleted: 1, meters: { deleted: 1 } });
  t.is(machine.meters.size, 0);
});

test('tenants have a share of groups and meters, all owners a limit', async (t) => {
  const { table } = await started({ limits: { rules: 1000, groups: 300, meters: 8 } });
  const many = (count: number) => Array.from({ length: count }, (_, i) => addGroup(all(i, 'r1')));
  t.is((await refusal(table.transact(red, many(257)))).code, 'LIMIT_EXCEEDED');
  await table.transact(red, many(256));
  t.is((await refusal(table.transact(operator, many(45)))).code, 'LIMIT_EXCEEDED');
  t.like(await table.transact(operator, many(44)), { groups: { added: 44 } });
  t.is((await refusal(table.transact(operator, [{ op: 'add', flow: drop(1) }, addGroup(all(99, 'r1'))]))).code, 'LIMIT_EXCEEDED');
  t.is(table.list(operator).length, 0);
  // All at once: the numbers of those that go are given out again.
  t.like(
    await table.replace(red, { flows: [], groups: many(256).map(({ group }) => ({ ...group, group: group.group + 500 })) }),
    {
      groups: { added: 256, deleted: 256 },
    },
  );
});

test('what the data plane refuses leaves groups and meters as they were', async (t) => {
  const { machine, table } = await started();
  await table.transact(red, [addGroup(all(1, 'r1')), { op: 'add', meter: meter(1) }]);
  const listed = [table.groups.list(), table.meters.list()];
  machine.failure = new Error('no');
  await t.throwsAsync(
    table.transact(red, [{ op: 'delete', group: { group: 1 } }, addGroup(all(2, 'r1')), { op: 'add', meter: meter(2) }]),
  );
  t.deepEqual([table.groups.list(), table.meters.list()], listed);
  t.like(await table.transact(red, [addGroup(all(2, 'r1'))]), { groups: { added: 1 } });
  t.is(machine.groups.size, 2);
});
