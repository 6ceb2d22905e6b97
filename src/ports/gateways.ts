import type { VswitchConfig } from '../config/schema.js';
import { familyBits } from '../model/address.js';
import type { PortGateway, PortReplies, PortRole } from '../model/port.js';
import type { Topology } from '../model/topology.js';

/** Where the config says nothing. */
const defaultPerSecond = 1000;

/** What a port answers by itself. */
export const repliesOf = ({ limits }: VswitchConfig, topology: Topology, role: PortRole): PortReplies => ({
  gateways: gatewaysOf(topology, role),
  perSecond: limits?.repliesPerSecond ?? defaultPerSecond,
});

/** The routers on a port: of a tenant's networks, or the switch itself on the uplink. */
function gatewaysOf({ uplink, tenantByName }: Topology, role: PortRole): readonly PortGateway[] {
  if (role.kind === 'uplink')
    return (uplink?.addresses ?? []).map((address) => ({ address, length: familyBits[address.family] }));
  const networks = tenantByName.get(role.tenant)?.networks ?? [];
  return networks.map(({ gateway, prefix }) => ({ address: gateway, length: prefix.length }));
}
