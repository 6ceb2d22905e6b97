import test from 'ava';
import type { PortConfig } from '../../../src/config/schema.js';
import { VswitchError } from '../../../src/model/errors.js';
import type { SwitchEvent } from '../../../src/model/event.js';
import { portName } from '../../../src/model/ids.js';
import { PortSet } from '../../../src/ports/port-set.js';
import { startFakeSwitch } from '../../support/fake-switch.js';

const uplink: PortConfig = { type: 'null', role: 'uplink' };
const red: PortConfig = { type: 'null', tenant: 'red' };
const p = portName;

async function portSet() {
  const { dataPlane, native, addon } = await startFakeSwitch();
  const events: SwitchEvent[] = [];
  const set = new PortSet({
    dataPlane,
    slotOf: (role) => (role.kind === 'uplink' ? 0 : role.tenant === 'red' ? 1 : undefined),
    repliesOf: () => ({ gateways: [], perSecond: 0 }),
    publish: (event) => events.push(event),
  });
  return { set, native, addon, events };
}

test('ports are numbered in the order of the config', async (t) => {
  const { set, native } = await portSet();
  await set.openAll(
    new Map([
      [p('up'), uplink],
      [p('r1'), red],
    ]),
    'refuse',
  );
  t.deepEqual(
    set.list().map((port) => [port.number, port.name, port.state]),
    [
      [1, 'up', 'open'],
      [2, 'r1', 'open'],
    ],
  );
  t.deepEqual(
    [...native.ports.values()].map((spec) => [spec.number, spec.slot]),
    [
      [1, 0],
      [2, 1],
    ],
  );
});

test('refuse: one error names every port that cannot start', async (t) => {
  const { set, addon } = await portSet();
  addon.brokenPorts.set('r1', 'no driver').set('r3', 'busy');
  const ports = new Map([
    [p('up'), uplink],
    [p('r1'), red],
    [p('r2'), red],
    [p('r3'), red],
  ]);
  const error = await t.throwsAsync(set.openAll(ports, 'refuse'), { instanceOf: VswitchError });
  t.is(error.code, 'PORT_FAILED');
  t.deepEqual(
    error.faults.map((fault) => fault.pointer),
    ['/ports/r1', '/ports/r3'],
  );
  t.true(error.faults.every((fault) => fault.remedy));
});

test('continue: the others start, and the failed one says why', async (t) => {
  const { set, addon } = await portSet();
  addon.brokenPorts.set('up', 'no driver');
  await set.openAll(
    new Map([
      [p('up'), uplink],
      [p('r1'), red],
    ]),
    'continue',
  );
  t.deepEqual(
    set.list().map((port) => port.state),
    ['failed', 'open'],
  );
  const [failed] = set.list();
  t.true(failed?.state === 'failed' && failed.error.detail.includes('no driver'));
  t.is(Number(failed?.number), 1);
});

test('a number is used again only after its port is closed', async (t) => {
  const { set } = await portSet();
  await set.openAll(
    new Map([
      [p('up'), uplink],
      [p('r1'), red],
    ]),
    'refuse',
  );
  t.is(Number((await set.open(p('r2'), red)).number), 3);
  await set.close(p('r1'));
  t.is(set.get(p('r1')), undefined);
  t.is(Number((await set.open(p('r3'), red)).number), 2);
});

test('a name twice, a foreign tenant, no role and both roles are refused, each with its pointer', async (t) => {
  const { set, native } = await portSet();
  await set.open(p('up'), uplink);
  const refused = async (name: string, config: PortConfig) =>
    await t.throwsAsync<VswitchError>(set.open(p(name), config), { instanceOf: VswitchError });
  t.like(await refused('up', uplink), { code: 'PORT_EXISTS', faults: [{ pointer: '/name' }] });
  t.like(await refused('g1', { type: 'null', tenant: 'green' }), {
    code: 'TENANT_NOT_FOUND',
    faults: [{ pointer: '/ports/g1/tenant', value: 'green' }],
  });
  t.like(await refused('n1', { type: 'null' }), { code: 'REQUEST_INVALID', faults: [{ pointer: '/ports/n1' }] });
  t.like(await refused('b1', { type: 'null', role: 'uplink', tenant: 'red' }), { code: 'REQUEST_INVALID' });
  t.is(native.ports.size, 1);
});

test('a link that changes is told once', async (t) => {
  const { set, native, events } = await portSet();
  await set.open(p('up'), uplink);
  await set.refresh();
  native.downPorts.add(1);
  await set.refresh();
  await set.refresh();
  const links = events.filter((event) => event.type === 'port_link');
  t.is(links.length, 1);
  t.like(links[0], { port: 'up', link: { up: false } });
});
