import test, { type ExecutionContext } from 'ava';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Problem } from '../../../src/api/problem.js';
import { CtListSchema, CtStatsSchema, type CtListView, type CtStatsView } from '../../../src/api/schemas/conntrack.js';
import { parseIp, bytesOfIp } from '../../../src/model/address.js';
import { connection } from '../../support/connections.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

async function running(t: ExecutionContext) {
  const running = await runningSwitch(t);
  running.native.connections = [
    connection('10.1.0.11:1000 > 198.51.100.1:80', {
      zone: 5,
      mark: 7,
      label: Uint8Array.from([...new Uint8Array(15), 0x2a]),
      replyDst: bytesOfIp(parseIp('192.0.2.1')!),
      replyDstPort: 4000,
    }),
    connection('10.1.0.12:1000 > 198.51.100.1:53', { proto: 17, state: 'first' }),
    connection('10.2.0.11:1 > 10.1.0.11:1', { slot: 2, proto: 1, state: 'bidirectional' }),
    connection('fd00::1:9 > fd00::2:10', { slot: 0 }),
  ];
  return running;
}

test('connections are listed with the names of their tenants, and with what NAT makes of them', async (t) => {
  const { call } = await running(t);
  const answer = await call('GET', '/v1/conntrack');
  t.deepEqual([...Compile(CtListSchema as TSchema).Errors(answer.json())], []);
  const { connections, cursor } = answer.json<CtListView>();
  t.deepEqual(connections[0], {
    tenant: 'red',
    zone: 5,
    proto: 6,
    original: { src: '10.1.0.11', dst: '198.51.100.1', srcPort: 1000, dstPort: 80 },
    reply: { src: '198.51.100.1', dst: '192.0.2.1', srcPort: 80, dstPort: 4000 },
    state: 'established',
    mark: 7,
    label: '0x2a',
    timeoutMs: 1500,
  });
  t.deepEqual(
    connections.map(({ tenant }) => tenant),
    ['red', 'red', 'blue', null],
  );
  t.is(cursor, null);
});

test('pages follow each other by the cursor', async (t) => {
  const { call } = await running(t);
  const first = (await call('GET', '/v1/conntrack?limit=3')).json<CtListView>();
  t.is(first.connections.length, 3);
  const rest = (await call('GET', `/v1/conntrack?limit=3&cursor=${first.cursor}`)).json<CtListView>();
  t.is(rest.connections.length, 1);
  t.is(rest.cursor, null);
});

for (const [query, count] of [
  ['', 4],
  ['?tenant=red', 2],
  ['?tenant=red&proto=udp', 1],
  ['?proto=6', 2],
  ['?zone=5', 1],
  ['?address=10.1.0.11', 2],
  ['?address=192.0.2.1&port=4000', 1],
  ['?port=80', 1],
  ['?address=fd00::2', 1],
] as const) {
  test(`count and flush of ${query === '' ? 'all' : query} take the same`, async (t) => {
    const { call, native } = await running(t);
    t.deepEqual((await call('GET', `/v1/conntrack/count${query}`)).json(), { connections: count });
    const flush = await call('DELETE', `/v1/conntrack${query === '' ? '?all=true' : query}`);
    t.deepEqual(flush.json(), { flushed: count });
    t.is(native.connections.length, 4 - count);
  });
}

test('a flush of everything must be meant', async (t) => {
  const { call, native } = await running(t);
  const answer = await call('DELETE', '/v1/conntrack');
  t.is(answer.status, 400);
  t.regex(answer.json<Problem>().faults[0]?.remedy ?? '', /all=true/);
  t.is(native.connections.length, 4);
});

test('faults of a filter are all told, each with its place', async (t) => {
  const { call } = await running(t);
  const answer = await call('GET', '/v1/conntrack?tenant=green&zone=65536&proto=gre&address=10.0.0&port=70000&limit=0');
  t.is(answer.status, 400);
  t.deepEqual(
    answer
      .json<Problem>()
      .faults.map(({ pointer }) => pointer)
      .sort(),
    ['address', 'limit', 'port', 'proto', 'tenant', 'zone'].map((name) => `/query/${name}`),
  );
});

test('stats show memory, limits and counters by tenant', async (t) => {
  const zones = { 5: { entries: 10 } };
  const { red, blue } = twoTenants.tenants;
  const config = { ...twoTenants, tenants: { red: { ...red, limits: { conntrack: { entries: 1000, zones } } }, blue } };
  const { call, native } = await runningSwitch(t, config);
  native.ctCounts.set('1/created', 9n).set('1/tenant_full', 2n);
  native.connections = [connection('10.0.0.1:1 > 10.0.0.2:2'), connection('10.0.0.1:1 > 10.0.0.2:3', { state: 'closed' })];
  const answer = await call('GET', '/v1/conntrack/stats');
  t.deepEqual([...Compile(CtStatsSchema as TSchema).Errors(answer.json())], []);
  const { capacity, tenants } = answer.json<CtStatsView>();
  t.is(capacity, 65_536);
  t.deepEqual(
    tenants.map(({ tenant, limits }) => [tenant, limits.entries]),
    [
      [null, 32_268],
      ['red', 1000],
      ['blue', 32_268],
    ],
  );
  t.like(tenants[1], {
    counters: { created: 9, tenant_full: 2, invalid_flags: 0 },
    states: { established: 1, closed: 1, first: 0, mapping: 0 },
    limits: { halfOpen: 500, newPerSecond: 0, zones: [{ zone: 5, entries: 10, newPerSecond: 0 }] },
  });
  t.deepEqual(native.zoneLimits.get('1/5'), [10, 0]);
});

test('a snapshot is bytes, and is restored; other bytes are refused', async (t) => {
  const { call, native } = await running(t);
  const snapshot = await call('POST', '/v1/conntrack/snapshot');
  t.is(snapshot.headers['content-type'], 'application/octet-stream');
  t.is(snapshot.text, 'a snapshot');
  const binary = { 'content-type': 'application/octet-stream' };
  const restored = await call('POST', '/v1/conntrack/restore', snapshot.text, binary);
  t.deepEqual(restored.json(), { restored: 3, skipped: 1 }, restored.text);
  t.is(Buffer.from(native.restored ?? []).toString(), 'a snapshot');
  const bad = await call('POST', '/v1/conntrack/restore', 'something else', binary);
  t.is(bad.status, 400);
  t.like(bad.json(), { code: 'REQUEST_INVALID' });
});
