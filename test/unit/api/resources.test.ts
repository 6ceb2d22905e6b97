import test from 'ava';
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { FlowListSchema, PolicyViewSchema, type FlowListView, type PolicyView } from '../../../src/api/schemas/flows.js';
import { PortListSchema } from '../../../src/api/schemas/ports.js';
import { ShareListSchema } from '../../../src/api/schemas/shares.js';
import { TableListSchema, TenantListSchema, type TableListView, type TenantListView } from '../../../src/api/schemas/tenants.js';
import { UsageSchema, type UsageView } from '../../../src/api/schemas/usage.js';
import type { Problem } from '../../../src/api/problem.js';
import { FakeNative } from '../../support/fake-native.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

for (const [path, schema] of [
  ['/v1/flows?owner=all', FlowListSchema],
  ['/v1/policy', PolicyViewSchema],
  ['/v1/ports', PortListSchema],
  ['/v1/tenants', TenantListSchema],
  ['/v1/tables', TableListSchema],
  ['/v1/usage', UsageSchema],
  ['/v1/shares', ShareListSchema],
] as const satisfies readonly (readonly [string, TSchema])[]) {
  test(`GET ${path} answers as its schema says`, async (t) => {
    const { call } = await runningSwitch(t);
    const answer = await call('GET', path);
    t.is(answer.status, 200, answer.text);
    t.deepEqual([...Compile(schema as TSchema).Errors(answer.json())], []);
  });
}

test('health is degraded by a link that is down and by a port that failed', async (t) => {
  const addon = new FakeNative();
  addon.brokenPorts.set('gw-b1', 'gone');
  const whole = await runningSwitch(t);
  t.like((await whole.call('GET', '/v1/health')).json(), {
    status: 'ok',
    name: 'test',
    ports: { open: 4, failed: 0, linkDown: 0 },
  });
  whole.native.downPorts.add(1);
  await whole.call('GET', '/v1/ports');
  t.like((await whole.call('GET', '/v1/health')).json(), { status: 'degraded', ports: { linkDown: 1 } });
  const broken = await runningSwitch(t, { ...twoTenants, onPortError: 'continue' }, addon);
  t.like((await broken.call('GET', '/v1/health')).json(), { status: 'degraded', ports: { open: 3, failed: 1 } });
});

test('version says what runs', async (t) => {
  const { call } = await runningSwitch(t);
  t.like((await call('GET', '/v1/version')).json(), {
    dpdk: 'DPDK 22.11.11 (fake)',
    node: process.version,
    hugepages: false,
    tscHz: 1e9,
  });
});

test('tenants: networks, VMs, ports, limits', async (t) => {
  const { call } = await runningSwitch(t);
  const { tenants } = (await call('GET', '/v1/tenants')).json<TenantListView>();
  t.deepEqual(
    tenants.map((tenant) => [tenant.name, tenant.slot, tenant.ports]),
    [
      ['red', 1, ['gw-r1', 'gw-r2']],
      ['blue', 2, ['gw-b1']],
    ],
  );
  t.like(tenants[0], { networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1' }], limits: { rules: 4096 } });
  t.like(tenants[0]?.vms[1], { name: 'vm2', port: 'gw-r2', mac: '02:00:00:00:01:12', addresses: ['10.1.0.12'] });
  t.like((await call('GET', '/v1/tenants/blue')).json(), { name: 'blue', slot: 2 });
});

test('tables: the rules that the data plane holds, and the bound of a look-up', async (t) => {
  const { call, native } = await runningSwitch(t);
  const { tables } = (await call('GET', '/v1/tables')).json<TableListView>();
  for (const slot of [1, 2]) {
    const rules = tables.filter((table) => table.slot === slot).reduce((sum, table) => sum + table.rules, 0);
    t.is(rules, [...native.rules.entries()].filter(([key]) => key.startsWith(`${slot}/`)).length);
  }
  t.true(tables.every((table) => table.masks >= 1 && table.masks <= table.rules));
});

test('policy: refused until allowed, and refused again', async (t) => {
  const { call } = await runningSwitch(t);
  const guards = async () =>
    (await call('GET', '/v1/flows?owner=all')).json<FlowListView>().flows.filter((flow) => flow.band === 'guard').length;
  const before = await guards();
  t.true(before >= 2);
  t.is((await call('PUT', '/v1/policy', { policy: [{ from: 'red', to: 'blue' }] })).status, 200);
  t.deepEqual((await call('GET', '/v1/policy')).json<PolicyView>().policy, [{ from: 'red', to: 'blue' }]);
  t.true((await guards()) < before);
  await call('PUT', '/v1/policy', { policy: [] });
  t.is(await guards(), before);
});

test('a policy that names an unknown tenant is refused with its place', async (t) => {
  const { call } = await runningSwitch(t);
  const answer = await call('PUT', '/v1/policy', {
    policy: [
      { from: 'red', to: 'blue' },
      { from: 'red', to: 'green' },
    ],
  });
  t.true(answer.status >= 400 && answer.status < 500, answer.text);
  t.is(answer.json<Problem>().faults[0]?.pointer, '/policy/1/to');
  t.deepEqual((await call('GET', '/v1/policy')).json<PolicyView>().policy, []);
});

test('usage: totals are the data plane’s, and the bill follows the tariff', async (t) => {
  const { call, native } = await runningSwitch(t);
  native.counters
    .set('tenant:1:rx_packets', 2_000_000n)
    .set('tenant:1:rx_bytes', 2n ** 30n)
    .set('tenant:1:cycles_match', 3_000_000_000n);
  native.counters.set('tenant:1:drop_policy_refused', 5n).set('port:2:rx_packets', 2_000_000n);
  const usage = (await call('GET', '/v1/usage')).json<UsageView>();
  const red = usage.tenants.find((tenant) => tenant.tenant === 'red');
  t.like(red?.totals, { rxPackets: 2_000_000, drops: { policy_refused: 5 }, cycles: { match: 3_000_000_000 } });
  t.is(red?.bill?.currency, 'EUR');
  t.is(red?.bill?.lines.find((line) => line.item === 'cycles')?.amountMicro, 3000);
  t.is(usage.ports.find((port) => port.port === 'gw-r1')?.totals.rxPackets, 2_000_000);
  t.is(usage.tenants.find((tenant) => tenant.slot === 0)?.tenant, null);
});

test('metrics are served as Prometheus reads them', async (t) => {
  const { call, native } = await runningSwitch(t);
  native.counters.set('tenant:2:tx_packets', 9n);
  const answer = await call('GET', '/metrics');
  t.regex(String(answer.headers['content-type']), /^text\/plain; version=/);
  t.true(answer.text.includes('vswitch_tenant_tx_packets_total{tenant="blue"} 9\n'));
});

test('shares are changed while the switch runs, all or none; what is refused says where', async (t) => {
  const { call, native } = await runningSwitch(t);
  const changed = await call('PATCH', '/v1/shares', {
    shares: { red: { guaranteedPercent: 30, capPercent: 60 }, blue: { weight: 200 } },
  });
  t.is(changed.status, 200, changed.text);
  const shares = [
    { tenant: 'red', weight: 100, guaranteedPercent: 30, capPercent: 60 },
    { tenant: 'blue', weight: 200, guaranteedPercent: 0, capPercent: null },
  ];
  t.deepEqual(changed.json(), { shares });
  t.deepEqual([...(native.shares?.subarray(0, 9) ?? [])], [100, 0, 0, 100, 300, 600, 200, 0, 0]);
  for (const [body, status, code, pointer] of [
    [{ red: { weight: 1 }, blue: { guaranteedPercent: 71 } }, 409, 'LIMIT_EXCEEDED', '/shares/blue/guaranteedPercent'],
    [{ red: { weight: 1 }, green: {} }, 404, 'TENANT_NOT_FOUND', '/shares/green'],
    [{ red: { capPercent: 20 } }, 400, 'REQUEST_INVALID', '/shares/red/capPercent'],
    [{ red: { capPercent: 0 } }, 400, 'REQUEST_INVALID', '/shares/red/capPercent'],
  ] as const) {
    const refused = await call('PATCH', '/v1/shares', { shares: body });
    t.is(refused.status, status, refused.text);
    t.like(refused.json<Problem>(), { code, faults: [{ pointer }] });
  }
  t.deepEqual((await call('GET', '/v1/shares')).json(), { shares });
});

test("changes of a tenant's flows are counted for it, refused ones too", async (t) => {
  const { call } = await runningSwitch(t);
  const drop = { match: { in_port: 'gw-b1' }, actions: [{ type: 'drop' }] };
  t.is((await call('PATCH', '/v1/tenants/blue/flows', { operations: [{ op: 'add', flow: drop }] })).status, 200);
  t.is((await call('PUT', '/v1/tenants/blue/flows', { flows: [{ ...drop, match: { in_port: 'gw-r1' } }] })).status, 403);
  t.is((await call('PATCH', '/v1/flows', { operations: [{ op: 'add', flow: drop }] })).status, 200);
  const { tenants } = (await call('GET', '/v1/usage')).json<UsageView>();
  t.deepEqual(
    tenants.map(({ tenant, upkeep }) => [tenant, upkeep.transactions, upkeep.transactionMicros > 0]),
    [
      [null, 0, false],
      ['red', 0, false],
      ['blue', 2, true],
    ],
  );
});
