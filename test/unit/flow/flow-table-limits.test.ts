import test from 'ava';
import { withPorts } from '../../../src/flow/topology.js';
import { operator, tenantName, tenantOwner } from '../../../src/model/ids.js';
import { drop, red, refusal, started, to } from '../../support/flow-desk.js';
import { labConfig, labTopology } from '../../support/topology.js';

test('a tenant has its limit, the data plane its own', async (t) => {
  const config = { ...labConfig, tenants: { ...labConfig.tenants, red: { ...labConfig.tenants.red, limits: { rules: 2 } } } };
  const { table } = await started({ topology: labTopology(config), limits: { rules: 60, groups: 8, meters: 8 } });
  t.is((await refusal(table.replace(red, { flows: [drop(1), drop(2), drop(3)] }))).code, 'LIMIT_EXCEEDED');
  await table.replace(red, { flows: [drop(1), drop(2)] });
  t.is((await refusal(table.transact(red, [{ op: 'add', flow: drop(3) }]))).code, 'LIMIT_EXCEEDED');
  await table.transact(red, [
    { op: 'delete', flow: { priority: 1 } },
    { op: 'add', flow: drop(3) },
  ]);
  t.is((await refusal(table.replace(operator, { flows: Array.from({ length: 60 }, (_, i) => drop(i)) }))).code, 'LIMIT_EXCEEDED');
  t.is(table.list(operator).length, 0);
});

test('policy: routes and guards follow; a flow that lost its way stays, drops by name, and works again', async (t) => {
  const { machine, table, explicit } = await started();
  const guards = () => table.list().filter((flow) => flow.band === 'guard').length;
  const before = guards();
  await table.setPolicy([{ from: 'red', to: 'blue' }]);
  t.true(guards() < before);
  await table.replace(red, { flows: [to(1, 'b1')] });
  const action = () => explicit().map((rule) => rule.actions);
  t.like(action()[0]?.[0], { type: 'output' });
  await table.setPolicy([]);
  t.is(table.list(red).length, 1);
  t.deepEqual(action(), [[{ type: 'drop', reason: 'policy_refused' }]]);
  await table.setPolicy([{ from: 'red', to: 'blue' }]);
  t.like(action()[0]?.[0], { type: 'output' });
  t.deepEqual(table.policy(), [{ from: 'red', to: 'blue' }]);
  t.is(machine.steering.size, 4);
});

test('a policy with faults is refused with all of them', async (t) => {
  const { table } = await started();
  const { code, faults } = await refusal(
    table.setPolicy([
      { from: 'green', to: 'yellow' },
      { from: 'red', to: 'red' },
    ]),
  );
  t.is(code, 'REQUEST_INVALID');
  t.deepEqual(
    faults.map((fault) => fault.pointer),
    ['/0/from', '/0/to', '/1'],
  );
  t.deepEqual(table.policy(), []);
});

test('ports come and go with their routes; one that a flow names stays', async (t) => {
  const { table } = await started();
  const whole = table.topology;
  const routes = table.list().length;
  const without = withPorts(
    whole,
    whole.ports.filter((port) => port.name !== 'r2'),
  );
  await table.setTopology(without);
  t.true(table.list().length < routes);
  await table.setTopology(whole);
  t.is(table.list().length, routes);
  await table.replace(red, { flows: [to(1, 'r2')] });
  const { code, faults } = await refusal(table.setTopology(without));
  t.is(code, 'PORT_IN_USE');
  t.is(faults.length, 1);
  t.is(table.topology, whole);
});

test('an unknown tenant has no flows', async (t) => {
  const { table } = await started();
  const green = tenantOwner(tenantName('green'));
  t.deepEqual(table.list(green), []);
  t.is((await refusal(table.replace(green, { flows: [] }))).code, 'TENANT_NOT_FOUND');
});
