import { VswitchError } from '../model/errors.js';
import type { Change, FlowChange } from './change.js';
import type { Desk } from './workbench.js';

/** A tenant's share, so that none can leave another without. */
export const tenantLimits = { groups: 256, meters: 1024 } as const;

/**
 * @param written how many flows the tenant has, those of its plugins too.
 * @throws VswitchError LIMIT_EXCEEDED where a tenant would have more than it may; a change that makes it fewer goes.
 */
export function checkTenantLimits({ owner, topology, groups, meters }: Desk, change: FlowChange, written: number): void {
  const tenant = owner.kind === 'tenant' ? topology.tenantByName.get(owner.tenant) : undefined;
  if (!tenant) return;
  const check = (what: string, now: number, { remove, add }: Change<unknown, unknown>, most: number): void => {
    const after = now + add.length - remove.length;
    if (after <= most || add.length <= remove.length) return;
    const message = `tenant ${tenant.name} would have ${after} ${what}, and may have ${most}`;
    const remedy = `delete ${what} first, or ask the operator to raise the limit`;
    throw new VswitchError('LIMIT_EXCEEDED', message, [{ pointer: '', value: after, message, remedy }]);
  };
  check('flows', written, change.flows, tenant.maxFlows);
  check('groups', groups.size, change.groups, tenantLimits.groups);
  check('meters', meters.size, change.meters, tenantLimits.meters);
}
