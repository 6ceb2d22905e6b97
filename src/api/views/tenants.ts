import { formatIp, formatMac, formatPrefix } from '../../model/address.js';
import { VswitchError } from '../../model/errors.js';
import { tenantOwner, type Owner } from '../../model/ids.js';
import { portsOf, type Topology } from '../../model/topology.js';
import type { ApiContext } from '../context.js';
import type { TenantView } from '../schemas/tenants.js';

/** @throws VswitchError TENANT_NOT_FOUND that points to the path's parameter. */
export const tenantView = (context: ApiContext, name: string): TenantView =>
  context.tenants().find((tenant) => tenant.name === name) ?? noTenant(context, name);

/** The owner of a tenant's flows. @throws VswitchError TENANT_NOT_FOUND that points to the path's parameter. */
export const tenantOf = (context: ApiContext, name: string): Owner => context.flows.tenant(name) ?? noTenant(context, name);

function noTenant({ tenants }: ApiContext, name: string): never {
  const names = tenants().map((tenant) => tenant.name);
  const message = `no tenant is called ${name}`;
  const remedy = names.length === 0 ? 'the config has no tenants' : `there is ${names.join(', ')}`;
  throw new VswitchError('TENANT_NOT_FOUND', message, [{ pointer: '/params/tenant', value: name, message, remedy }]);
}

/** Every tenant, with the ports that it has now and the number of its flows. */
export const tenantViews = (flows: { readonly topology: Topology; count(owner: Owner): number }): TenantView[] =>
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
    flows: flows.count(tenantOwner(tenant.name)),
    limits: { rules: tenant.maxFlows },
  }));
