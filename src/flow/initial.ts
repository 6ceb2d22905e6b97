import type { VswitchConfig } from '../config/schema.js';
import { jsonPointer } from '../model/errors.js';
import type { FlowSet } from '../model/flow.js';
import { operator, tenantName, tenantOwner } from '../model/ids.js';
import type { InitialFlows } from './flow-table.js';

/** Policy and flows of a checked config, with groups and meters, for FlowTable.load; pointers are those of the config. */
export function initialFlows(config: VswitchConfig): InitialFlows {
  const tenants = Object.entries(config.tenants ?? {}).map(([name, tenant]) => ({
    owner: tenantOwner(tenantName(name)),
    set: setOf(tenant),
    pointer: jsonPointer('tenants', name),
  }));
  return { policy: config.policy ?? [], flows: [{ owner: operator, set: setOf(config), pointer: '' }, ...tenants] };
}

const setOf = ({ flows = [], groups = [], meters = [] }: Pick<VswitchConfig, 'flows' | 'groups' | 'meters'>): FlowSet => ({
  flows,
  groups,
  meters,
});
