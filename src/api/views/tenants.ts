import { formatIp, formatMac, formatPrefix } from '../../model/address.js';
import { VswitchError } from '../../model/errors.js';
import { tenantName, tenantOwner, type Owner } from '../../model/ids.js';
import { portsOf, type Topology } from '../../model/topology.js';
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

/** Every tenant, with the ports that it has now and the number of its flows. */
export const tenantViews = (flows: { readonly topology: Topology; list(owner: Owner): readonly unknown[] }): TenantView[] =>
  flows.topology.tenants.map((tenant) => ({
    name: tenant.name,
    slot: tenant.slot,
    networks: tenant.networks.map(({ prefix, gateway, vlan }) => ({
      prefix: formatPrefix(prefix),
      gateway: formatIp(gateway),
      ...(vlan === undefined ? {} : { vlan }),
    })),
    vms: tenant.vms.map(({ name, port, mac, addresses }) => ({
      name,
      port,
      mac: formatMac(mac),
      addresses: addresses.map(formatIp),
    })),
    ports: portsOf(flows.topology, tenant.name).map((port) => port.name),
    flows: flows.list(tenantOwner(tenant.name)).length,
    limits: { rules: tenant.maxFlows },
  }));
