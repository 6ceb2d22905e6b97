import { formatIp, formatMac, formatPrefix } from '../../model/address.js';
import type { TenantName } from '../../model/ids.js';
import { portsOf, type Topology, type TopologyPort } from '../../model/topology.js';
import type { PluginPort, PluginTopology } from '../sdk/topology.js';

/** What the plugins of a tenant see of who is where. */
export function topologyView(topology: Topology, tenant: TenantName): PluginTopology {
  const found = topology.tenantByName.get(tenant);
  const { uplink } = topology;
  return {
    ports: portsOf(topology, tenant).map(portView),
    uplinks: topology.ports.filter(({ role }) => role.kind === 'uplink').map(portView),
    networks: (found?.networks ?? []).map(({ prefix, gateway }) => ({
      prefix: formatPrefix(prefix),
      gateway: formatIp(gateway),
    })),
    vms: (found?.vms ?? []).map(({ name, port, mac, addresses }) => ({
      name,
      port,
      mac: formatMac(mac),
      addresses: addresses.map(formatIp),
    })),
    uplink: uplink && {
      port: uplink.port,
      addresses: uplink.addresses.map(formatIp),
      nextHopMac: formatMac(uplink.nextHopMac),
    },
  };
}

const portView = ({ number, name, mac, open }: TopologyPort): PluginPort => ({
  number,
  name,
  mac: mac === undefined ? undefined : formatMac(mac),
  open,
});
