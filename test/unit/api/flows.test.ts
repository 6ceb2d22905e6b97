import test from 'ava';
import type { Problem } from '../../../src/api/problem.js';
import type { FlowListView, FlowResultView } from '../../../src/api/schemas/flows.js';
import type { Wire } from '../../../src/api/schemas/usage.js';
import { bands, type FlowText } from '../../../src/model/flow.js';
import { runningSwitch } from '../../support/running-switch.js';

type FlowList = Wire<FlowListView>;
type FlowResult = Wire<FlowResultView>;

const route = (i: number): FlowText => ({
  table: 0,
  priority: 100,
  match: { in_port: 'up', eth_type: 2048, ipv4_dst: `10.1.${i >> 8}.${i & 255}/32` },
  actions: [
    { type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:01' },
    { type: 'output', port: 'gw-r1' },
  ],
});
/** What does not change by itself. */
const still = ({ durationMs: _, ...flow }: FlowList['flows'][number]) => flow;
const add = (flow: FlowText) => ({ op: 'add', flow });

test("the operator's flows come back as they were written, with id and counters", async (t) => {
  const { call } = await runningSwitch(t);
  const flow = { ...route(7), cookie: 5 };
  const put = await call('PUT', '/v1/flows', { flows: [flow] });
  t.is(put.status, 200, put.text);
  t.like(put.json<FlowResult>(), { added: 1, modified: 0, deleted: 0 });
  const { flows } = (await call('GET', '/v1/flows')).json<FlowList>();
  t.is(flows.length, 1);
  t.like(flows[0], { owner: { kind: 'operator' }, band: 'operator', packets: 0, bytes: 0 });
  t.like(flows[0]?.flow, { table: 0, priority: 100, actions: flow.actions });
  t.like(flows[0]?.flow.match, { in_port: 'up', eth_type: 2048 });
  const one = await call('GET', `/v1/flows/${flows[0]?.id}`);
  t.deepEqual([one.json<FlowList['flows'][number]>()].map(still), flows.map(still));
});

test('what is listed can be put back and changes nothing', async (t) => {
  const { call } = await runningSwitch(t);
  await call('PUT', '/v1/flows', { flows: [route(1), route(2), { actions: [{ type: 'drop' }] }] });
  const { flows } = (await call('GET', '/v1/flows')).json<FlowList>();
  const again = await call('PUT', '/v1/flows', { flows: flows.map(({ flow }) => flow) });
  t.like(again.json<FlowResult>(), { added: 0, modified: 0, deleted: 0 });
  t.deepEqual((await call('GET', '/v1/flows')).json<FlowList>().flows.map(still), flows.map(still));
});

test('a transaction adds, modifies and deletes at once', async (t) => {
  const { call, native } = await runningSwitch(t);
  await call('PUT', '/v1/flows', { flows: [route(1), route(2)] });
  const before = native.applied;
  const { table, priority, match } = route(2);
  const answer = await call('PATCH', '/v1/flows', {
    operations: [
      add(route(3)),
      { op: 'modify', flow: { ...route(1), actions: [{ type: 'drop' }] } },
      { op: 'delete', flow: { table, priority, match } },
    ],
  });
  t.like(answer.json<FlowResult>(), { added: 1, modified: 1, deleted: 1 });
  t.is(native.applied, before + 1);
  t.is((await call('GET', '/v1/flows')).json<FlowList>().flows.length, 2);
});

test('one bad flow among a thousand changes nothing, and is named', async (t) => {
  const { call, native } = await runningSwitch(t);
  const rules = new Map(native.rules);
  const generation = native.generation;
  for (const [bad, pointer] of [
    [{ ...route(617), match: { ...route(617).match, ipv4_dst: '10.0.0.300/32' } }, '/operations/617/flow/match/ipv4_dst'],
    [{ ...route(617), match: { tcp_dst: 80 } }, '/operations/617/flow/match/tcp_dst'],
    [{ ...route(617), match: { in_port: 'nowhere' } }, '/operations/617/flow/match/in_port'],
    [{ ...route(617), actions: [{ type: 'output', port: 'nowhere' }] }, '/operations/617/flow/actions/0/port'],
    [{ ...route(617), actions: [{ type: 'fly' }] }, '/operations/617/flow/actions/0/type'],
    [{ ...route(617), priority: 65536 }, '/operations/617/flow/priority'],
    [{ ...route(617), prio: 1 }, '/operations/617/flow/prio'],
  ] as const) {
    const operations = Array.from({ length: 1000 }, (_, i) => add(i === 617 ? (bad as FlowText) : route(i)));
    const answer = await call('PATCH', '/v1/flows', { operations });
    const problem = answer.json<Problem>();
    t.true(answer.status === 400 || answer.status === 422, `${pointer}: ${answer.status}`);
    t.is(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
    t.true(
      problem.faults.length > 0 && problem.faults.every((f) => f.pointer.startsWith(pointer)),
      `${pointer}: ${JSON.stringify(problem.faults)}`,
    );
    t.true(
      problem.faults.every((f) => f.message !== '' && f.remedy !== undefined),
      JSON.stringify(problem.faults),
    );
  }
  t.deepEqual(native.rules, rules);
  t.is(native.generation, generation);
});

test('every bad flow of a set is named, not only the first', async (t) => {
  const { call } = await runningSwitch(t);
  const bad = { ...route(0), match: { in_port: 'nowhere' } };
  const flows = Array.from({ length: 100 }, (_, i) => (i % 10 === 3 ? bad : route(i)));
  const { faults } = (await call('PUT', '/v1/flows', { flows })).json<Problem>();
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    [3, 13, 23, 33, 43, 53, 63, 73, 83, 93].map((i) => `/flows/${i}/match/in_port`),
  );
});

test('If-Match: who read an old generation is refused, who read the newest is not', async (t) => {
  const { call, native } = await runningSwitch(t);
  const { etag } = (await call('GET', '/v1/flows')).headers as { etag: string };
  t.regex(etag, /^"\d+"$/);
  const first = await call('PATCH', '/v1/flows', { operations: [add(route(1))] }, { 'if-match': etag });
  t.is(first.status, 200, first.text);
  t.not(first.headers['etag'], etag);
  const { applied } = native;
  for (const [method, path, body] of [
    ['PATCH', '/v1/flows', { operations: [add(route(2))] }],
    ['PUT', '/v1/flows', { flows: [] }],
    ['PUT', '/v1/tenants/red/flows', { flows: [] }],
    ['PUT', '/v1/policy', { policy: [{ from: 'red', to: 'blue' }] }],
  ] as const) {
    const late = await call(method, path, body, { 'if-match': etag });
    t.is(late.status, 412, `${method} ${path}`);
    t.is(late.json<Problem>().code, 'GENERATION_MISMATCH');
  }
  t.is(native.applied, applied);
  const newest = await call('PATCH', '/v1/flows', { operations: [add(route(2))] }, { 'if-match': String(first.headers['etag']) });
  t.is(newest.status, 200, newest.text);
});

test('an unknown tenant, an unknown flow and an unknown path are told apart', async (t) => {
  const { call } = await runningSwitch(t);
  for (const [method, path, status, code, pointer] of [
    ['GET', '/v1/tenants/green/flows', 404, 'TENANT_NOT_FOUND', '/params/tenant'],
    ['GET', '/v1/tenants/green', 404, 'TENANT_NOT_FOUND', '/params/tenant'],
    ['GET', '/v1/tenants/no%20name/flows', 400, 'REQUEST_INVALID', '/params/tenant'],
    ['GET', '/v1/flows/999999', 404, 'FLOW_NOT_FOUND', '/params/id'],
    ['GET', '/v1/flows/abc', 400, 'REQUEST_INVALID', '/params/id'],
    ['GET', '/v1/flows?owner=everybody', 400, 'REQUEST_INVALID', '/query/owner'],
    ['GET', '/v1/flows?ownr=all', 400, 'REQUEST_INVALID', '/query/ownr'],
    ['GET', '/v2/flows', 404, 'NOT_FOUND', ''],
    ['DELETE', '/v1/flows', 404, 'NOT_FOUND', ''],
  ] as const) {
    const answer = await call(method, path);
    t.is(answer.status, status, `${method} ${path}: ${answer.text}`);
    t.like(answer.json<Problem>(), { code, status, faults: [{ pointer }] }, `${method} ${path}`);
  }
  const put = await call('PUT', '/v1/tenants/green/flows', { flows: [] });
  t.is(put.json<Problem>().code, 'TENANT_NOT_FOUND');
});

test("a tenant's flow may not leave it", async (t) => {
  const { call, native } = await runningSwitch(t);
  const { applied } = native;
  const answer = await call('PATCH', '/v1/tenants/red/flows', {
    operations: [
      add({ match: { in_port: 'gw-r1' }, actions: [{ type: 'output', port: 'gw-r2' }] }),
      add({ match: { in_port: 'gw-b1' }, actions: [{ type: 'drop' }] }),
      add({ match: { in_port: 'gw-r1' }, actions: [{ type: 'output', port: 'gw-b1' }] }),
    ],
  });
  t.is(answer.status, 403);
  const { code, faults } = answer.json<Problem>();
  t.is(code, 'FLOW_ISOLATION');
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    ['/operations/1/flow/match/in_port', '/operations/2/flow/actions/0/port'],
  );
  t.is(native.applied, applied);
});

for (const [what, body, headers] of [
  ['no JSON', '{"flows": [', {}],
  ['empty', '', {}],
  ['another media type', 'flows', { 'content-type': 'text/plain' }],
  ['a number', '7', {}],
  ['null', 'null', {}],
  ['an array', '[]', {}],
  ['nothing in it', '{}', {}],
  ['flows that are no list', '{"flows": {}}', {}],
  ['a flow that is null', '{"flows": [null]}', {}],
  ['a prototype', '{"flows": [], "__proto__": {"x": 1}}', {}],
] as const) {
  test(`a body that is ${what} is a 400 with a pointer and a remedy`, async (t) => {
    const { call } = await runningSwitch(t);
    const answer = await call('PUT', '/v1/flows', body, headers);
    t.is(answer.status, 400, answer.text);
    const { code, faults } = answer.json<Problem>();
    t.is(code, 'REQUEST_INVALID');
    t.true(faults.length > 0 && faults.every((fault) => fault.message !== '' && fault.remedy !== undefined), answer.text);
  });
}

test('counters of a flow are those of its rules', async (t) => {
  const { call, native } = await runningSwitch(t);
  await call('PUT', '/v1/flows', { flows: [{ match: { in_port: 'gw-r1' }, actions: [{ type: 'drop' }] }] });
  const [, rule] = [...native.rules].find(([, { rank }]) => rank >> 16 === bands.operator) ?? [];
  t.truthy(rule);
  native.ruleHits.set(rule?.id ?? -1, [2n ** 60n, 7n]);
  t.true((await call('GET', '/v1/flows')).text.includes('"packets":1152921504606846976,"bytes":7'));
});
