import type { TenantName } from '../model/ids.js';
import type { Topology, TopologyPort } from '../model/topology.js';
import type { PolicyEntry } from '../config/schema.js';

export { makeTopology, portsOf, withPorts } from '../model/topology.js';
export type { Topology, TopologyNetwork, TopologyPort, TopologyTenant, TopologyUplink, TopologyVm } from '../model/topology.js';

/** Whom a tenant's packets may reach, itself included. */
export type Reach = ReadonlyMap<string, ReadonlySet<string>>;

/** What a flow's rules depend on beside the flow. */
export interface Surroundings {
  readonly topology: Topology;
  readonly reach: Reach;
}

/** Policy as a look-up: each entry lets packets go one way. */
export function reachOf({ tenants }: Topology, policy: readonly PolicyEntry[]): Reach {
  const reach = new Map<string, Set<string>>(tenants.map(({ name }) => [name, new Set([name])]));
  for (const { from, to } of policy) reach.get(from)?.add(to);
  return reach;
}

/** Whether a tenant's packets may leave by the port: its own, an uplink, or that of a tenant that policy lets it reach. */
export const mayOutput = (tenant: TenantName, { role }: TopologyPort, reach: Reach): boolean =>
  role.kind === 'uplink' || reach.get(tenant)?.has(role.tenant) === true;
