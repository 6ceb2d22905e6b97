import { fc, testProp } from '@fast-check/ava';
import { FlowTable } from '../../../src/flow/flow-table.js';
import { formatFlow } from '../../../src/flow/syntax/text.js';
import { VswitchError } from '../../../src/model/errors.js';
import type { FlowOperation } from '../../../src/model/flow.js';
import { generation, operator, type Owner } from '../../../src/model/ids.js';
import { flowText, oddTopology } from '../../support/flow-arbitrary.js';
import { limits, red, started } from '../../support/flow-desk.js';
import { RuleMachine } from '../../support/rule-machine.js';

/** Any sequence of changes of both kinds, good and bad. */
const operation = fc
  .record({ op: fc.constantFrom('add' as const, 'modify' as const, 'delete' as const), flow: flowText, priority: fc.nat(3) })
  .map(({ op, flow, priority }): FlowOperation => {
    const given = { ...flow, priority, match: {} };
    return op === 'delete' ? { op, flow: given } : op === 'add' ? { op, flow: given } : { op, flow: given };
  });
const change = fc.oneof(
  fc.array(operation, { maxLength: 5 }).map((operations) => ({ operations })),
  fc.uniqueArray(flowText, { maxLength: 5, selector: (flow) => flow.priority }).map((flows) => ({ flows })),
);
const changes = fc.array(fc.record({ owner: fc.constantFrom(operator, red), what: change, refuse: fc.nat(4) }), {
  maxLength: 12,
});

testProp('the data plane has exactly the rules of the listed flows, whatever happened before', [changes], async (t, list) => {
  const { machine, table } = await started({ topology: oddTopology });
  for (const { owner, what, refuse } of list) {
    if (refuse === 0) machine.failure = new VswitchError('NATIVE_REFUSED', 'no');
    const work = 'flows' in what ? table.replace(owner, { flows: what.flows }) : table.transact(owner, what.operations);
    await work.catch((error: unknown) => t.true(error instanceof VswitchError, String(error)));
    machine.failure = undefined;
  }
  const fresh = new RuleMachine();
  const again = new FlowTable({ ...fresh.deps, topology: oddTopology, limits });
  const flowsOf = (owner: Owner) => table.list(owner).map((flow) => formatFlow(flow, oddTopology));
  await again.load({
    policy: [],
    flows: [
      { owner: operator, set: { flows: flowsOf(operator) }, pointer: '' },
      { owner: red, set: { flows: flowsOf(red) }, pointer: '' },
    ],
  });
  const told = ({ rules }: RuleMachine) =>
    [...rules.values()]
      .map(({ id: _, match, ...rule }) =>
        JSON.stringify([rule, ...match], (_key, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)),
      )
      .sort();
  t.deepEqual(told(machine), told(fresh));
  t.is(table.generation, generation(BigInt(machine.transactions.length)));
});
