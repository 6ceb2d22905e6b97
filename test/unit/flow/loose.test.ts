import test from 'ava';
import type { FlowOperation, FlowText } from '../../../src/model/flow.js';
import type { MatchText } from '../../../src/model/match.js';
import { blue, drop, red, refusal, started } from '../../support/flow-desk.js';

const web: MatchText = { eth_type: 2048, ip_proto: 6, tcp_dst: 80 };
const flow = (priority: number, match: MatchText, more: Partial<FlowText> = {}): FlowText => ({
  ...drop(priority, match),
  ...more,
});
const set = [
  flow(1, { eth_type: 2048, ipv4_dst: '10.1.0.0/16' }, { cookie: 0x11 }),
  flow(2, { eth_type: 2048, ipv4_dst: '10.1.2.0/24' }, { cookie: 0x12, table: 3 }),
  flow(3, { eth_type: 2048, ipv4_dst: '10.1.2.3' }, { cookie: 0x21, actions: [{ type: 'output', port: 'r1' }] }),
  flow(4, { ...web, ipv4_dst: '10.1.2.3' }, { cookie: 0x22 }),
  flow(5, { in_port: 'r1' }),
];
type Delete = Extract<FlowOperation, { op: 'delete'; flow: unknown }>;

/** Priorities of what a loose delete leaves of the set. */
const left = async (what: Omit<Delete, 'op' | 'strict'>): Promise<number[]> => {
  const { table } = await started();
  await table.replace(red, { flows: set });
  await table.replace(blue, { flows: [drop(9)] });
  await table.transact(red, [{ op: 'delete', strict: false, ...what }]);
  if (table.list(blue).length !== 1) throw new Error("another owner's flow went");
  return table
    .list(red)
    .map(({ priority }) => priority)
    .sort();
};

test('a loose delete takes each flow with the same or a more specific match, in any table, of any priority', async (t) => {
  t.deepEqual(await left({ flow: {} }), []);
  t.deepEqual(await left({ flow: { match: { eth_type: 2048 } } }), [5]);
  t.deepEqual(await left({ flow: { match: { eth_type: 2048, ipv4_dst: '10.1.2.0/24' } } }), [1, 5]);
  t.deepEqual(await left({ flow: { priority: 1, match: { eth_type: 2048, ipv4_dst: '10.1.2.3' } } }), [1, 2, 5]);
  t.deepEqual(await left({ flow: { match: { eth_type: 2048, ipv4_dst: '10.9.0.0/16' } } }), [1, 2, 3, 4, 5]);
});

test('a table, an output, or a cookie in some bits narrow it down', async (t) => {
  t.deepEqual(await left({ flow: { table: 3 } }), [1, 3, 4, 5]);
  t.deepEqual(await left({ flow: {}, out_port: 'r1' }), [1, 2, 4, 5]);
  t.deepEqual(await left({ flow: { cookie: 0x20 }, cookie_mask: 0xf0 }), [1, 2, 5]);
  t.deepEqual(await left({ flow: { cookie: '0x12' }, cookie_mask: '0xffffffffffffffff' }), [1, 3, 4, 5]);
});

test('a strict delete takes one, and says so where a filter leaves none', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: set });
  const named = { table: 3, priority: 2, match: { eth_type: 2048, ipv4_dst: '10.1.2.0/24' } };
  const missed = await refusal(table.transact(red, [{ op: 'delete', flow: { ...named, cookie: 7 }, cookie_mask: 0xff }]));
  t.is(missed.code, 'FLOW_NOT_FOUND');
  t.is((await refusal(table.transact(red, [{ op: 'delete', flow: named, out_port: 'up' }]))).code, 'FLOW_NOT_FOUND');
  t.like(await table.transact(red, [{ op: 'delete', flow: named }]), { deleted: 1 });
});

test('a loose modify changes actions and keeps counters, cookies and timeouts; of none it is no fault', async (t) => {
  const { machine, table, explicit } = await started();
  await table.replace(red, { flows: set.map((one) => ({ ...one, idle_timeout: 9 })) });
  for (const { id } of explicit()) machine.hit(id, 5n);
  const to = { actions: [{ type: 'output', port: 'r2' } as const] };
  const result = await table.transact(red, [
    { op: 'modify', strict: false, flow: { match: { eth_type: 2048, ipv4_dst: '10.1.2.0/24' }, ...to } },
  ]);
  t.like(result, { added: 0, modified: 3, deleted: 0 });
  const flows = table.list(red).filter(({ actions }) => actions[0]?.type === 'output');
  t.deepEqual(
    flows.map(({ cookie, idleTimeout }) => [cookie, idleTimeout]),
    [
      [0x22n, 9],
      [0x21n, 9],
      [0x12n, 9],
    ],
  );
  t.true(table.stats(flows.map(({ id }) => id)).every(({ packets }) => packets === 5n));
  const none = { match: { eth_type: 2048, ipv4_dst: '10.9.0.0/16' }, ...to };
  t.like(await table.transact(red, [{ op: 'modify', strict: false, flow: none }]), { modified: 0 });
});

test('reset_counts counts anew, a cookie is changed where one is given without a mask', async (t) => {
  const { machine, table, explicit } = await started();
  await table.replace(red, { flows: [drop(1), { ...drop(2), cookie: 4 }] });
  for (const { id } of explicit()) machine.hit(id, 5n);
  const ids = table.list(red).map(({ id }) => id);
  await table.transact(red, [
    { op: 'modify', flow: { ...drop(1), cookie: 6 } },
    { op: 'modify', flow: { ...drop(2), cookie: 4 }, cookie_mask: 0xff, reset_counts: true },
  ]);
  t.deepEqual(
    table.list(red).map(({ id, cookie }) => [id, cookie]),
    [
      [ids[0], 4n],
      [ids[1], 6n],
    ],
  );
  t.deepEqual(
    table.stats(ids).map(({ packets }) => packets),
    [0n, 5n],
  );
});

test('a loose modify cannot send a flow back to an earlier table', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: set });
  const operation = { op: 'modify', strict: false, flow: { actions: [{ type: 'goto_table', table: 2 }] } } as const;
  const { code, faults } = await refusal(table.transact(red, [operation]));
  t.is(code, 'FLOW_INVALID');
  t.deepEqual(
    faults.map(({ pointer }) => pointer),
    ['/0/flow/actions'],
  );
});

test('check_overlap refuses what could match the same packet with the same priority, and names it', async (t) => {
  const { table } = await started();
  await table.replace(red, { flows: [flow(7, { eth_type: 2048, ipv4_dst: '10.1.0.0/16' })] });
  await table.replace(blue, { flows: [flow(8, {})] });
  const id = table.list(red)[0]?.id;
  const add = (priority: number, match: MatchText, more = {}) =>
    table.transact(red, [{ op: 'add', flow: flow(priority, match, more), check_overlap: true }]);
  const { code, faults } = await refusal(add(7, { eth_type: 2048, ipv4_src: '10.2.0.0/16' }));
  t.is(code, 'FLOW_OVERLAP');
  t.is(faults[0]?.pointer, '/0/flow');
  t.true(faults[0]?.message.includes(`flow ${id}`));
  t.like(await add(7, { eth_type: 2048, ipv4_dst: '10.2.0.0/16' }), { added: 1 });
  t.like(await add(8, { eth_type: 2048 }), { added: 1 });
  t.like(await add(7, { eth_type: 2048 }, { table: 1 }), { added: 1 });
  t.is((await refusal(add(7, { eth_type: 2048, ipv4_dst: '10.1.0.0/16' }))).code, 'FLOW_OVERLAP');
});
