import type { VswitchConfig } from '../config/schema.js';
import { jsonPointer } from '../model/errors.js';
import type { FlowText } from '../model/flow.js';
import { operator, tenantName, tenantOwner } from '../model/ids.js';
import type { InitialFlows } from './flow-table.js';

/** Policy and flows of a checked config, for FlowTable.load; pointers are those of the config. */
export function initialFlows(config: VswitchConfig): InitialFlows {
  const tenants = Object.entries(config.tenants ?? {}).map(([name, { flows = [] }]) => ({
    owner: tenantOwner(tenantName(name)),
    flows: flows,
    pointer: jsonPointer('tenants', name, 'flows'),
  }));
  const own = { owner: operator, flows: (config.flows ?? []) as readonly FlowText[], pointer: '/flows' };
  return { policy: config.policy ?? [], flows: [own, ...tenants] };
}
