import test from 'ava';
import { Agent, request } from 'undici';
import type { Problem } from '../../../src/api/problem.js';
import type { FlowResultView } from '../../../src/api/schemas/flows.js';
import type { ParserView } from '../../../src/api/schemas/parser.js';
import type { GroupListView, GroupView, MeterListView } from '../../../src/api/schemas/stock.js';
import type { TableDetailListView, TableListView } from '../../../src/api/schemas/tenants.js';
import type { Wire } from '../../../src/api/schemas/usage.js';
import { bands } from '../../../src/model/flow.js';
import { headerNames } from '../../../src/model/header.js';
import { runningSwitch } from '../../support/running-switch.js';

const group = { group: 1, type: 'select', buckets: [{ weight: 2, actions: [{ type: 'output', port: 'gw-r1' }] }] };
const meter = { meter: 3, kind: 'srtcm', unit: 'kbps', cir: 1000, cbs: 200, ebs: 100, yellow: 'pass', red: 'drop' };
const flow = {
  actions: [
    { type: 'meter', meter: 3 },
    { type: 'group', group: 1 },
  ],
};
const addAll = {
  operations: [
    { op: 'add', flow },
    { op: 'add', group },
    { op: 'add', meter },
  ],
};

test('groups and meters come back as they were written, with counters, under their owner', async (t) => {
  const { call, native } = await runningSwitch(t);
  const answer = await call('PATCH', '/v1/tenants/red/flows', addAll);
  t.is(answer.status, 200, answer.text);
  t.like(answer.json<Wire<FlowResultView>>(), { added: 1, groups: { added: 1 }, meters: { added: 1 } });
  native.groupHits.set(0, [4n, 400n]);
  native.meterHits.set(0, [9n, 900n, 5n, 3n, 1n]);
  const red = { kind: 'tenant', tenant: 'red' };
  const groups = await call('GET', '/v1/tenants/red/groups');
  const view = { owner: red, group, packets: 4, bytes: 400 };
  t.deepEqual(groups.json<Wire<GroupListView>>().groups as unknown, [view]);
  t.is(groups.headers.etag, answer.headers.etag);
  t.deepEqual((await call('GET', '/v1/tenants/red/groups/1')).json<Wire<GroupView>>() as unknown, view);
  const { meters } = (await call('GET', '/v1/meters?owner=all')).json<Wire<MeterListView>>();
  t.deepEqual(meters as unknown, [{ owner: red, meter, packets: 9, bytes: 900, green: 5, yellow: 3, red: 1 }]);
  t.deepEqual((await call('GET', '/v1/groups')).json<Wire<GroupListView>>().groups, []);
  t.is((await call('GET', '/v1/tenants/blue/groups/1')).json<Problem>().code, 'GROUP_NOT_FOUND');
  t.is((await call('GET', '/v1/meters/3')).json<Problem>().code, 'METER_NOT_FOUND');
  t.is((await call('GET', '/v1/tenants/green/meters')).json<Problem>().code, 'TENANT_NOT_FOUND');
});

test('a transaction with a fault in a group changes nothing; each fault has its place in the body', async (t) => {
  const { call, native } = await runningSwitch(t);
  const before = native.applied;
  const astray = { ...group, buckets: [{ actions: [{ type: 'output', port: 'nowhere' }] }] };
  const answer = await call('PATCH', '/v1/flows', {
    operations: [
      { op: 'add', group: astray },
      { op: 'add', flow: { actions: [{ type: 'group', group: 9 }] } },
      { op: 'modify', meter },
    ],
  });
  t.is(answer.status, 422);
  t.deepEqual(
    answer
      .json<Problem>()
      .faults.map(({ pointer }) => pointer)
      .sort(),
    ['/operations/0/group/buckets/0/actions/0/port', '/operations/1/flow/actions/0/group', '/operations/2/meter/meter'],
  );
  const shape = await call('PATCH', '/v1/flows', { operations: [{ op: 'add', group: { ...group, type: 'some' } }] });
  t.deepEqual(
    shape.json<Problem>().faults.map(({ pointer }) => pointer),
    ['/operations/0/group/type'],
  );
  t.is(native.applied, before);
});

test('PUT replaces groups and meters where they are given', async (t) => {
  const { call } = await runningSwitch(t);
  await call('PATCH', '/v1/flows', addAll);
  t.like((await call('PUT', '/v1/flows', { flows: [flow] })).json<Wire<FlowResultView>>(), { groups: { deleted: 0 } });
  const gone = await call('PUT', '/v1/flows', { flows: [flow], groups: [] });
  t.deepEqual(
    gone.json<Problem>().faults.map(({ pointer }) => pointer),
    ['/flows/0/actions/1/group'],
  );
  t.like((await call('PUT', '/v1/flows', { flows: [], groups: [], meters: [] })).json<Wire<FlowResultView>>(), {
    deleted: 1,
    groups: { deleted: 1 },
    meters: { deleted: 1 },
  });
});

test('a loose delete by the API, guarded by If-Match', async (t) => {
  const { call } = await runningSwitch(t);
  const put = await call('PUT', '/v1/flows', {
    flows: [1, 2, 3].map((priority) => ({ priority, table: priority, actions: [] })),
  });
  const operations = [{ op: 'delete', strict: false, flow: { table: 2 } }];
  t.is((await call('PATCH', '/v1/flows', { operations }, { 'if-match': '"1"' })).status, 412);
  const done = await call('PATCH', '/v1/flows', { operations }, { 'if-match': String(put.headers.etag) });
  t.like(done.json<Wire<FlowResultView>>(), { deleted: 1 });
});

test('tables tell what they looked up, also of a tenant alone', async (t) => {
  const { call, native } = await runningSwitch(t);
  await call('PUT', '/v1/tenants/red/flows', { flows: [{ table: 5, actions: [] }] });
  native.tableHits.set('1/0', [10n, 7n, 5n, 200n]).set('1/9', [2n, 0n]);
  const { tables } = (await call('GET', '/v1/tenants/red/tables')).json<Wire<TableListView>>();
  t.deepEqual(
    tables.map(({ tenant, table, lookups, matches, cyclesPerLookup }) => [tenant, table, lookups, matches, cyclesPerLookup]),
    [
      ['red', 0, 10, 7, 40],
      ['red', 5, 0, 0, 0],
      ['red', 9, 2, 0, 0],
    ],
  );
  t.like(tables[1], { rules: 1, masks: 1 });
  const all = (await call('GET', '/v1/tables')).json<Wire<TableListView>>().tables;
  t.true(all.some(({ tenant }) => tenant === 'blue'));
  const metrics = (await call('GET', '/metrics')).text;
  t.true(metrics.includes('vswitch_table_lookups_total{tenant="red",table="0"} 10\n'));
});

test('a table tells what it was compiled to, and what a look-up costs at most', async (t) => {
  const { call, native } = await runningSwitch(t);
  await call('PUT', '/v1/tenants/red/flows', { flows: [{ table: 5, match: { eth_type: 2048 }, actions: [] }] });
  const exact = { template: 'exact', memoryBytes: 4096, maxProbes: 3 };
  native.reports = [
    { slot: 1, table: 0, ...exact, parts: [exact] },
    { slot: 1, table: 5, ...exact, parts: [exact] },
  ];
  const { tables } = (await call('GET', '/v1/tables/5')).json<Wire<TableDetailListView>>();
  t.is(tables.length, 1);
  t.like(tables[0], {
    tenant: 'red',
    table: 5,
    rules: 1,
    ...exact,
    memoryLimitBytes: 256 * 2 ** 20,
    bytesPerRule: 4096 + 88,
    parts: [exact],
  });
  t.is((await call('GET', '/v1/tables/64')).status, 400);
});

test('the parser names ports, headers and the flows because of which they are read', async (t) => {
  const { call, native } = await runningSwitch(t);
  await call('PUT', '/v1/flows', { flows: [{ match: { in_port: 'up', eth_type: 2048 }, actions: [] }] });
  const { flows } = (await call('GET', '/v1/flows')).json<{ flows: { id: number }[] }>();
  const rule = [...native.rules.values()].find(({ rank }) => rank >> 16 === bands.operator);
  native.plan = [
    { port: 1, header: headerNames.indexOf('ether_type'), rule: rule?.id },
    { port: 1, header: headerNames.indexOf('ipv4'), rule: undefined },
  ];
  t.deepEqual((await call('GET', '/v1/parser')).json<Wire<ParserView>>().headers, [
    { port: 'up', header: 'ether_type', flow: flows[0]?.id ?? -1 },
    { port: 'up', header: 'ipv4', flow: null },
  ]);
});

test('a flow that goes is told to who listens, with its last counters', async (t) => {
  const { call, native, socket } = await runningSwitch(t);
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  t.teardown(() => dispatcher.destroy());
  const { body } = await request('http://localhost/v1/events', { dispatcher });
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let heard = String((await chunks.next()).value);
  await call('PUT', '/v1/tenants/red/flows', {
    flows: [{ priority: 5, cookie: 8, match: { in_port: 'gw-r1' }, actions: [], hard_timeout: 1 }],
  });
  const rule = [...native.rules.values()].find(({ rank }) => rank === 65536 + 5);
  native.ruleHits.set(rule?.id ?? -1, [3n, 180n]);
  while (!/event: flow_removed\ndata: .*\n/.test(heard)) heard += String((await chunks.next()).value);
  const data = JSON.parse(/event: flow_removed\ndata: (.*)\n/.exec(heard)?.[1] ?? '') as Record<string, unknown>;
  t.like(data, {
    reason: 'hard_timeout',
    owner: { kind: 'tenant', tenant: 'red' },
    table: 0,
    priority: 5,
    cookie: 8,
    packets: 3,
    bytes: 180,
  });
  t.deepEqual(data.match, { in_port: 'gw-r1' });
  t.true(Number(data.durationMs) >= 1000);
});
