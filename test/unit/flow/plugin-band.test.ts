import test from 'ava';
import { rankOf, type FlowSet } from '../../../src/model/flow.js';
import { operator, ownerKey, pluginOwner, tenantName } from '../../../src/model/ids.js';
import { blue, drop, red, refusal, started, to } from '../../support/flow-desk.js';
import { labConfig, labTopology } from '../../support/topology.js';

const firewall = pluginOwner(tenantName('red'), 'firewall');

test("a plugin's flows are its own, in a band between its tenant's and the guards", async (t) => {
  const { table, explicit } = await started();
  await table.replace(red, { flows: [drop(65535)] });
  await table.replace(firewall, { flows: [drop(7), drop(8)] });
  t.deepEqual(
    table.list(firewall).map(({ band, priority }) => [band, priority]),
    [
      ['plugin', 8],
      ['plugin', 7],
    ],
  );
  t.is(table.list(red).length, 1);
  const ranks = explicit().map(({ rank }) => rank);
  t.deepEqual(
    ranks.sort((a, b) => a - b),
    [rankOf('tenant', 65535), rankOf('plugin', 7), rankOf('plugin', 8)],
  );
  t.true(rankOf('plugin', 65535) < rankOf('guard', 0));
  t.true(new Set(explicit().map(({ slot }) => slot)).size === 1);
  t.is(table.counts().get(ownerKey(firewall)), 2);
  await table.replace(red, { flows: [] });
  t.is(table.list(firewall).length, 2);
});

test('a plugin may do what its tenant may, and no more', async (t) => {
  const { table } = await started();
  t.is((await refusal(table.replace(firewall, { flows: [to(1, 'b1')] }))).code, 'FLOW_ISOLATION');
  await table.replace(firewall, { flows: [to(1, 'r1')] });
  const nobody = pluginOwner(tenantName('green'), 'firewall');
  t.is((await refusal(table.replace(nobody, { flows: [drop(1)] }))).code, 'TENANT_NOT_FOUND');
});

test("a plugin's flows count among its tenant's", async (t) => {
  const config = { ...labConfig, tenants: { ...labConfig.tenants, red: { ...labConfig.tenants.red, limits: { rules: 3 } } } };
  const { table } = await started({ topology: labTopology(config) });
  await table.replace(red, { flows: [drop(1), drop(2)] });
  t.is((await refusal(table.replace(firewall, { flows: [drop(1), drop(2)] }))).code, 'LIMIT_EXCEEDED');
  await table.replace(firewall, { flows: [drop(1)] });
  t.is((await refusal(table.replace(red, { flows: [drop(1), drop(2), drop(3)] }))).code, 'LIMIT_EXCEEDED');
  await table.replace(blue, { flows: [drop(1), drop(2)] });
});

test('only a plugin has handlers to punt to', async (t) => {
  const { table } = await started();
  const punting: FlowSet = { flows: [{ actions: [{ type: 'punt', handler: 1 }] }] };
  for (const owner of [red, operator]) {
    const { code, faults } = await refusal(table.replace(owner, punting));
    t.is(code, 'FLOW_INVALID');
    t.is(faults[0]?.pointer, '/flows/0/actions/0');
  }
  await table.replace(firewall, punting);
  t.is(table.list(firewall).length, 1);
});

test('nor has the operator in a transaction of many flows, however it is written', async (t) => {
  const { table } = await started();
  const body = (type: string): Buffer =>
    Buffer.from(`{"operations":[{"op":"add","flow":{"actions":[{"type":"${type}","handler":1}]}}]}`);
  t.is(table.scan(body('punt')), undefined);
  t.is(table.scan(body('\\u0070unt')), undefined);
});
