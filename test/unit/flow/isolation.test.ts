import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { isolationFaults, permittedActions } from '../../../src/flow/isolation.js';
import { placementsOf } from '../../../src/flow/rules.js';
import { parseFlow } from '../../../src/flow/syntax/text.js';
import { reachOf } from '../../../src/flow/topology.js';
import type { Fault } from '../../../src/model/errors.js';
import type { FlowText } from '../../../src/model/flow.js';
import { operator, tenantName, tenantOwner, type Owner } from '../../../src/model/ids.js';
import { flowText, oddTopology as topology } from '../../support/flow-arbitrary.js';

const asIs = { group: (_: unknown, id: number) => id, meter: (_: unknown, id: number) => id };
const red = tenantOwner(tenantName('red'));

function judge(text: FlowText, policy: readonly { from: string; to: string }[] = [], owner: Owner = red) {
  const faults: Fault[] = [];
  const flow = parseFlow(text, topology, '/7', faults);
  if (!flow) throw new Error(JSON.stringify(faults));
  return isolationFaults(owner, flow, text, topology, reachOf(topology, policy), '/7');
}

test('a tenant may use its own ports, the uplink and the way back', (t) => {
  const output = (port: string) => ({ type: 'output', port }) as const;
  t.deepEqual(judge({ match: { in_port: 'r1' }, actions: ['r2', 'up', 'in_port'].map(output) }), []);
  t.deepEqual(judge({ actions: [{ type: 'drop' }] }), []);
});

test('all that would leave the tenant is named', (t) => {
  const text: FlowText = {
    match: { in_port: 'b1' },
    actions: [
      { type: 'output', port: 'r1' },
      { type: 'output', port: 'b1' },
    ],
  };
  const faults = judge(text);
  t.deepEqual(
    faults.map(({ pointer, value }) => [pointer, value]),
    [
      ['/7/match/in_port', 'b1'],
      ['/7/actions/1/port', 'b1'],
    ],
  );
  t.true(faults.every((fault) => fault.remedy?.includes('r1, r2')));
  t.deepEqual(judge(text, [], operator), []);
});

test('a policy opens the way that it names, and no other', (t) => {
  const toBlue: FlowText = { actions: [{ type: 'output', port: 'b1' }] };
  t.deepEqual(judge(toBlue, [{ from: 'red', to: 'blue' }]), []);
  t.is(judge(toBlue, [{ from: 'blue', to: 'red' }]).length, 1);
  t.is(judge({ match: { in_port: 'b1' }, actions: [] }, [{ from: 'red', to: 'blue' }]).length, 1);
});

const policy = fc.subarray([
  { from: 'red', to: 'blue' },
  { from: 'blue', to: 'red' },
]);

testProp(
  'an accepted flow never outputs beyond what the policy of the day allows',
  [flowText, policy, policy],
  (t, text, then, now) => {
    const faults: Fault[] = [];
    const flow = parseFlow(text, topology, '', faults);
    fc.pre(flow !== undefined && isolationFaults(red, flow, text, topology, reachOf(topology, then), '').length === 0);
    const reach = reachOf(topology, now);
    const placements = placementsOf({ ...flow, owner: red, band: 'tenant' }, topology, reach, asIs);
    t.deepEqual(
      placements.map((placement) => placement.slot),
      [topology.tenantByName.get('red')?.slot],
    );
    for (const { actions } of placements) {
      for (const action of actions) {
        if (action.type !== 'output' || typeof action.port !== 'number') continue;
        const role = topology.portByNumber.get(action.port)?.role;
        t.true(
          role?.kind === 'uplink' ||
            (role?.kind === 'gw' && (role.tenant === 'red' || now.some((entry) => entry.from === 'red'))),
        );
      }
    }
  },
);

testProp('an unchanged policy changes no accepted flow', [flowText, policy], (t, text, entries) => {
  const flow = parseFlow(text, topology, '', []);
  if (!flow) return t.fail();
  const reach = reachOf(topology, entries);
  const accepted = isolationFaults(red, flow, text, topology, reach, '').filter((fault) => fault.pointer.includes('actions'));
  // A text may also name a port in a write that a later one takes the place of: it is refused, though no packet would go there.
  if (accepted.length === 0) t.is(permittedActions(red, flow.actions, topology, reach), flow.actions);
  t.is(permittedActions(operator, flow.actions, topology, reach), flow.actions);
});
