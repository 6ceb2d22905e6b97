import { VswitchError } from '../../model/errors.js';
import { tenantName, tenantOwner, type Owner } from '../../model/ids.js';
import type { ApiContext } from '../context.js';
import type { TenantView } from '../schemas/tenants.js';

/** @throws VswitchError TENANT_NOT_FOUND that points to the path's parameter. */
export function tenantView({ tenants }: ApiContext, name: string): TenantView {
  const all = tenants();
  const found = all.find((tenant) => tenant.name === name);
  if (found) return found;
  const message = `no tenant is called ${name}`;
  const remedy = all.length === 0 ? 'the config has no tenants' : `there is ${all.map((tenant) => tenant.name).join(', ')}`;
  throw new VswitchError('TENANT_NOT_FOUND', message, [{ pointer: '/params/tenant', value: name, message, remedy }]);
}

/** The owner of a tenant's flows. */
export const tenantOf = (context: ApiContext, name: string): Owner => tenantOwner(tenantName(tenantView(context, name).name));
