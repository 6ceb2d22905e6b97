import { FlowTable } from '../../src/flow/flow-table.js';
import { VswitchError } from '../../src/model/errors.js';
import { bands, type FlowText } from '../../src/model/flow.js';
import { tenantName, tenantOwner } from '../../src/model/ids.js';
import { RuleMachine } from './rule-machine.js';
import { labTopology } from './topology.js';

export const red = tenantOwner(tenantName('red'));
export const blue = tenantOwner(tenantName('blue'));
export const limits = { rules: 10_000, groups: 64, meters: 64 };

export async function started({ topology = labTopology(), limits: most = limits } = {}) {
  const machine = new RuleMachine();
  const table = new FlowTable({ ...machine.deps, topology, limits: most });
  await table.load({ policy: [], flows: [] });
  const explicit = () => [...machine.rules.values()].filter((rule) => rule.rank >= 65536 && rule.rank >> 16 !== bands.guard);
  return { machine, table, explicit };
}

export const drop = (priority: number, match: FlowText['match'] = {}): FlowText => ({
  priority,
  match,
  actions: [{ type: 'drop' }],
});
export const to = (priority: number, port: string): FlowText => ({ priority, actions: [{ type: 'output', port }] });

export async function refusal(work: Promise<unknown>): Promise<VswitchError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VswitchError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
