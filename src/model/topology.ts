import type { IpAddress, IpPrefix } from './address.js';
import type { PortName, PortNumber, TenantName } from './ids.js';
import type { PortRole } from './port.js';

/** A port as flows see it. */
export interface TopologyPort {
  readonly number: PortNumber;
  readonly name: PortName;
  readonly role: PortRole;
  /** Of the open device, or of the config; undefined until either says. */
  readonly mac: bigint | undefined;
  /** Flows may name a port that is not open; routes are derived for open ports only. */
  readonly open: boolean;
}

export interface TopologyNetwork {
  readonly prefix: IpPrefix;
  readonly gateway: IpAddress;
  /** Port VLAN that the NIC adds and strips. */
  readonly vlan: number | undefined;
}

export interface TopologyVm {
  readonly name: string;
  readonly port: PortName;
  readonly mac: bigint;
  readonly addresses: readonly IpAddress[];
}

export interface TopologyTenant {
  readonly name: TenantName;
  /** 1 to 63, in the order of the config. */
  readonly slot: number;
  readonly networks: readonly TopologyNetwork[];
  readonly vms: readonly TopologyVm[];
  /** Flows that the tenant may own. */
  readonly maxFlows: number;
}

export interface TopologyUplink {
  readonly port: PortName;
  readonly addresses: readonly IpAddress[];
  readonly nextHopMac: bigint;
}

/** Who is where: what flows are checked against and derived from. A value; a change makes another one. */
export interface Topology {
  /** In the order of their numbers. */
  readonly ports: readonly TopologyPort[];
  readonly portByName: ReadonlyMap<string, TopologyPort>;
  readonly portByNumber: ReadonlyMap<number, TopologyPort>;
  /** In the order of their slots. */
  readonly tenants: readonly TopologyTenant[];
  readonly tenantByName: ReadonlyMap<string, TopologyTenant>;
  readonly uplink: TopologyUplink | undefined;
}

export function makeTopology(
  ports: readonly TopologyPort[],
  tenants: readonly TopologyTenant[],
  uplink: TopologyUplink | undefined,
): Topology {
  const ordered = [...ports].sort((a, b) => a.number - b.number);
  return {
    ports: ordered,
    portByName: new Map(ordered.map((port) => [port.name, port])),
    portByNumber: new Map(ordered.map((port) => [port.number, port])),
    tenants,
    tenantByName: new Map(tenants.map((tenant) => [tenant.name, tenant])),
    uplink,
  };
}

/** The same tenants with other ports. */
export const withPorts = (topology: Topology, ports: readonly TopologyPort[]): Topology =>
  makeTopology(ports, topology.tenants, topology.uplink);

/** The gateway ports of a tenant. */
export const portsOf = ({ ports }: Topology, tenant: TenantName): TopologyPort[] =>
  ports.filter(({ role }) => role.kind === 'gw' && role.tenant === tenant);
