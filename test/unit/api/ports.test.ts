import test from 'ava';
import type { Problem } from '../../../src/api/problem.js';
import type { FlowListView } from '../../../src/api/schemas/flows.js';
import type { PortListView, PortView } from '../../../src/api/schemas/ports.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';
import { FakeNative } from '../../support/fake-native.js';

test('ports are listed with role, device and link', async (t) => {
  const { call, native } = await runningSwitch(t);
  native.downPorts.add(3);
  const { ports } = (await call('GET', '/v1/ports')).json<PortListView>();
  t.deepEqual(
    ports.map((port) => [port.number, port.name, port.role.kind, port.state === 'open' && port.link.up]),
    [
      [1, 'up', 'uplink', true],
      [2, 'gw-r1', 'gw', true],
      [3, 'gw-r2', 'gw', false],
      [4, 'gw-b1', 'gw', true],
    ],
  );
  t.like((await call('GET', '/v1/ports/gw-b1')).json<PortView>(), {
    driver: 'net_fake',
    mac: '02:00:00:00:02:01',
    role: { tenant: 'blue' },
  });
  t.is((await call('GET', '/v1/ports/none')).json<Problem>().code, 'PORT_NOT_FOUND');
});

test('a port is added and removed while the others stay', async (t) => {
  const { call, native } = await runningSwitch(t);
  const added = await call('POST', '/v1/ports', { name: 'gw-r3', config: { type: 'null', tenant: 'red' } });
  t.is(added.status, 201, added.text);
  t.is(added.headers['location'], '/v1/ports/gw-r3');
  t.like(added.json<PortView>(), { number: 5, name: 'gw-r3', state: 'open' });
  t.is(native.ports.size, 5);
  const flow = { match: { in_port: 'gw-r3' }, actions: [{ type: 'output', port: 'gw-r1' }] };
  t.is((await call('PUT', '/v1/tenants/red/flows', { flows: [flow] })).status, 200);
  const used = await call('DELETE', '/v1/ports/gw-r3');
  t.is(used.status, 409);
  t.like(used.json<Problem>(), { code: 'PORT_IN_USE' });
  t.is(used.json<Problem>().faults.length, 1);
  t.is(native.ports.size, 5);
  await call('PUT', '/v1/tenants/red/flows', { flows: [] });
  t.is((await call('DELETE', '/v1/ports/gw-r3')).status, 204);
  t.is(native.ports.size, 4);
  t.is((await call('DELETE', '/v1/ports/gw-r3')).status, 404);
});

test('routes that the config gives a port go with it', async (t) => {
  const { call, native } = await runningSwitch(t);
  const flows = async () =>
    (await call('GET', '/v1/flows?owner=all')).json<FlowListView>().flows.map(({ flow }) => JSON.stringify(flow));
  t.true((await flows()).some((flow) => flow.includes('gw-b1')));
  t.is((await call('DELETE', '/v1/ports/gw-b1')).status, 204);
  t.false((await flows()).some((flow) => flow.includes('gw-b1')));
  t.false(native.ports.has(4));
});

test('a port that cannot start changes nothing and says which step failed', async (t) => {
  const addon = new FakeNative();
  addon.brokenPorts.set('gw-r3', 'no such device');
  const { call, native } = await runningSwitch(t, twoTenants, addon);
  const answer = await call('POST', '/v1/ports', { name: 'gw-r3', config: { type: 'null', tenant: 'red' } });
  t.is(answer.status, 502);
  const { code, faults } = answer.json<Problem>();
  t.is(code, 'PORT_FAILED');
  t.like(faults[0], { pointer: '/config', message: 'step probe: no such device' });
  t.is(native.ports.size, 4);
  t.is((await call('GET', '/v1/ports/gw-r3')).status, 404);
});

for (const [what, body, pointer] of [
  ['its name taken', { name: 'up', config: { type: 'null', role: 'uplink' } }, '/name'],
  ['an unknown type', { name: 'x', config: { type: 'wire' } }, '/config/type'],
  ['a property of another type', { name: 'x', config: { type: 'null', tenant: 'red', interface: 'eth0' } }, '/config/interface'],
  ['a missing property', { name: 'x', config: { type: 'af_packet', tenant: 'red' } }, '/config/interface'],
  ['an unknown tenant', { name: 'x', config: { type: 'null', tenant: 'green' } }, '/config/tenant'],
  ['nobody it belongs to', { name: 'x', config: { type: 'null' } }, '/config'],
  ['a bad name', { name: 'a b', config: { type: 'null', tenant: 'red' } }, '/name'],
  [
    'an argument smuggled in',
    { name: 'x', config: { type: 'tap', tenant: 'red', interface: 'a,remote=eth0' } },
    '/config/interface',
  ],
] as const) {
  test(`a port with ${what} is refused at ${pointer}`, async (t) => {
    const { call, native } = await runningSwitch(t);
    const answer = await call('POST', '/v1/ports', body);
    t.true([400, 404, 409].includes(answer.status), answer.text);
    const { faults } = answer.json<Problem>();
    t.true(
      faults.some((fault) => fault.pointer === pointer && fault.remedy !== undefined),
      answer.text,
    );
    t.is(native.ports.size, 4);
  });
}
