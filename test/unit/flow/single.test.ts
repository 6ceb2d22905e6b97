import test from 'ava';
import { FlowTable } from '../../../src/flow/flow-table.js';
import type { FlowOperation, FlowText } from '../../../src/model/flow.js';
import { generation } from '../../../src/model/ids.js';
import { applyEach } from '../../support/apply-each.js';
import { limits, refusal, red } from '../../support/flow-desk.js';
import { largestLookedAt } from '../../support/looked-at.js';
import { labConfig, labTopology } from '../../support/topology.js';

const many = 3000;
/** Nothing that belongs to one rule is as many. */
const few = 100;

const flow = (i: number): FlowText => ({
  match: { eth_type: 2048, ipv4_dst: `10.1.${i >> 8}.${i & 255}` },
  actions: [{ type: 'output', port: 'up' }],
});

const single: Readonly<Record<string, FlowOperation>> = {
  add: { op: 'add', flow: flow(many) },
  'add in the place of another': { op: 'add', flow: { ...flow(1), cookie: 7 } },
  modify: { op: 'modify', flow: { ...flow(2), actions: [] } },
  delete: { op: 'delete', flow: { match: flow(0).match ?? {} } },
  'add of a group': { op: 'add', group: { group: 1, type: 'all', buckets: [] } },
};

async function full() {
  const { tenants, ...config } = labConfig;
  const roomy = { ...config, tenants: { ...tenants, red: { ...tenants.red, limits: { rules: 2 * many } } } };
  let applied = 0n;
  const zeros = (ids: readonly number[]) => ids.map(() => ({ packets: 0n, bytes: 0n }));
  const table = new FlowTable({
    topology: labTopology(roomy),
    limits,
    now: () => 0,
    apply: applyEach(async () => generation(++applied)),
    ruleCounters: zeros,
    groupCounters: zeros,
    meterCounters: () => [],
  });
  await table.load({ policy: [], flows: [] });
  await table.replace(red, { flows: Array.from({ length: many }, (_, i) => flow(i)) });
  return table;
}

for (const [what, operation] of Object.entries(single)) {
  test.serial(`a single ${what} looks at no other rules, however many there are`, async (t) => {
    const table = await full();
    const before = table.count(red);
    const largest = await largestLookedAt(() => table.transact(red, [operation], table.generation));
    t.true(largest < few, `${largest} were looked at`);
    t.is(table.count(red), before + (what === 'add' ? 1 : what === 'delete' ? -1 : 0));
  });
}

test.serial('nor does one that is refused', async (t) => {
  const table = await full();
  const before = table.generation;
  const bad: FlowOperation = { op: 'add', flow: { ...flow(many), match: { ipv4_dst: '10.1.0.300' } } };
  const largest = await largestLookedAt(async () => {
    const error = await refusal(table.transact(red, [bad]));
    t.is(error.faults[0]?.pointer, '/0/flow/match/ipv4_dst');
  });
  t.true(largest < few, `${largest} were looked at`);
  t.is(table.generation, before);
});

test.serial('a transaction of many does', async (t) => {
  const table = await full();
  const again = { flows: Array.from({ length: many }, (_, i) => flow(i + 1)) };
  t.true((await largestLookedAt(() => table.replace(red, again))) >= many);
});
