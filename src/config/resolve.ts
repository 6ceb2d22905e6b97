import { parseIp, parseMac, parsePrefix, withoutHostBits } from '../model/address.js';
import { portName, portNumber, tenantName } from '../model/ids.js';
import type { PortRole } from '../model/port.js';
import { makeTopology, type Topology, type TopologyPort, type TopologyTenant, type TopologyUplink } from '../model/topology.js';
import { partsOf, type ConfigParts, type TenantParts } from './parts.js';
import type { PortConfig, VswitchConfig } from './schema.js';

/** Who is where by a checked config. Its ports are not open yet; each has the MAC that the config gives it, if any. */
export const resolveTopology = (config: VswitchConfig): Topology => topologyOfParts(partsOf(config));

/**
 * The topology of what is right in a config: good enough to check flows against while other parts have faults. A port with faults
 * keeps its name, and is nobody's.
 */
export function topologyOfParts(parts: ConfigParts): Topology {
  const byName = new Map(parts.ports.map(({ name, value }) => [name, value]));
  const ports = parts.declaredPorts.map((name, i) => portOf(name, i + 1, byName.get(name)));
  const tenants = parts.tenants.map((tenant, i) => tenantOf(tenant, i + 1));
  return makeTopology(ports, tenants, uplinkOf(parts));
}

/** Numbers follow the order of the config. */
function portOf(name: string, number: number, config: PortConfig | undefined): TopologyPort {
  const role: PortRole = config?.tenant === undefined ? { kind: 'uplink' } : { kind: 'gw', tenant: tenantName(config.tenant) };
  const mac = config?.mac === undefined ? undefined : parseMac(config.mac);
  return { number: portNumber(number), name: portName(name), role, mac, open: false };
}

const tenantOf = ({ name, networks, vms, maxFlows }: TenantParts, slot: number): TopologyTenant => ({
  name: tenantName(name),
  slot,
  networks: networks.flatMap(({ value }) => {
    const [prefix, gateway] = [parsePrefix(value.prefix), parseIp(value.gateway)];
    return prefix && gateway ? [{ prefix: withoutHostBits(prefix), gateway, vlan: value.vlan }] : [];
  }),
  vms: vms.flatMap(({ name: vm, value }) => {
    const mac = parseMac(value.mac);
    return mac === undefined ? [] : [{ name: vm, port: portName(value.port), mac, addresses: ipsOf(value.addresses) }];
  }),
  maxFlows,
});

function uplinkOf({ uplink }: ConfigParts): TopologyUplink | undefined {
  const nextHopMac = uplink && parseMac(uplink.value.nextHopMac);
  if (!uplink || nextHopMac === undefined) return undefined;
  return { port: portName(uplink.value.port), addresses: ipsOf(uplink.value.addresses), nextHopMac };
}

const ipsOf = (texts: readonly string[]) =>
  texts.flatMap((text) => {
    const address = parseIp(text);
    return address ? [address] : [];
  });
