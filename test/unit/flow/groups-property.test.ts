import { fc, testProp } from '@fast-check/ava';
import { VswitchError } from '../../../src/model/errors.js';
import type { FlowOperation } from '../../../src/model/flow.js';
import type { GroupText } from '../../../src/model/group.js';
import { operator, type Owner } from '../../../src/model/ids.js';
import type { ActionText } from '../../../src/model/action.js';
import { red, started } from '../../support/flow-desk.js';

const id = fc.integer({ min: 1, max: 6 });
const output = fc.constantFrom('r1', 'r2', 'up').map((port): ActionText => ({ type: 'output', port }));
const action = fc.oneof(
  output,
  id.map((group): ActionText => ({ type: 'group', group })),
  id.map((meter): ActionText => ({ type: 'meter', meter })),
);
const actions = fc.array(action, { minLength: 1, maxLength: 3 });
const flow = fc.record({ priority: fc.nat(5), actions });
const group = fc.record({
  group: id,
  type: fc.constant('all' as const),
  buckets: fc.array(fc.record({ actions }), { maxLength: 2 }),
});
const meter = fc
  .record({ meter: id, rate: fc.integer({ min: 1, max: 9 }) })
  .map(({ meter: number, rate }) => ({ meter: number, unit: 'pktps' as const, bands: [{ type: 'drop' as const, rate }] }));

const operation: fc.Arbitrary<FlowOperation> = fc.oneof(
  flow.map((one): FlowOperation => ({ op: 'add', flow: one })),
  flow.map((one): FlowOperation => ({ op: 'modify', strict: false, flow: { actions: one.actions } })),
  fc.nat(5).map((priority): FlowOperation => ({ op: 'delete', flow: { priority } })),
  group.map((one: GroupText): FlowOperation => ({ op: 'add', group: one })),
  group.map((one: GroupText): FlowOperation => ({ op: 'modify', group: one })),
  id.map((one): FlowOperation => ({ op: 'delete', group: { group: one } })),
  meter.map((one): FlowOperation => ({ op: 'add', meter: one })),
  id.map((one): FlowOperation => ({ op: 'delete', meter: { meter: one } })),
);
const steps = fc.array(
  fc.record({
    owner: fc.constantFrom<Owner>(operator, red),
    operations: fc.array(operation, { maxLength: 4 }),
    refuse: fc.nat(5),
    policy: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

// The machine refuses a rule or a bucket that names what it has not, with an error that is no VswitchError.
testProp('the data plane always has just the groups and meters that are listed', [steps], async (t, list) => {
  const { machine, table } = await started();
  for (const { owner, operations, refuse, policy } of list) {
    if (refuse === 0) machine.failure = new VswitchError('NATIVE_REFUSED', 'no');
    await table.transact(owner, operations).catch((error: unknown) => t.true(error instanceof VswitchError, String(error)));
    machine.failure = undefined;
    await table.setPolicy(policy ? [{ from: 'red', to: 'blue' }] : []);
    const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);
    t.deepEqual(sorted(machine.groups.keys()), sorted(table.groups.list().map(({ number }) => number)));
    t.deepEqual(sorted(machine.meters.keys()), sorted(table.meters.list().map(({ number }) => number)));
    for (const { number, value } of table.groups.list()) t.is(machine.groups.get(number)?.buckets.length, value.buckets.length);
  }
});
