import type { Action } from '../model/action.js';
import { jsonPointer, type Fault } from '../model/errors.js';
import type { Flow, FlowText } from '../model/flow.js';
import type { Owner, TenantName } from '../model/ids.js';
import type { Topology, TopologyPort } from '../model/topology.js';
import { mayOutput, type Reach } from './topology.js';

/**
 * In what a flow would leave its tenant: it may match only the tenant's own ports, and send only to these, to where the packet came
 * from, to an uplink, and to the ports of tenants that policy lets it reach. The operator's flows may do anything.
 * @param text as the flow was written, for the values in the faults.
 */
export function isolationFaults(
  owner: Owner,
  flow: Flow,
  text: FlowText,
  topology: Topology,
  reach: Reach,
  pointer: string,
): Fault[] {
  if (owner.kind === 'operator') return [];
  const { tenant } = owner;
  const faults: Fault[] = [];
  const inPort = topology.portByNumber.get(Number(flow.match.get('in_port')?.value ?? 0n));
  if (inPort && !isOwn(tenant, inPort)) {
    faults.push({
      pointer: pointer + jsonPointer('match', 'in_port'),
      value: text.match?.in_port,
      message: `port ${inPort.name} is not one of tenant ${tenant}`,
      remedy: `${ownPorts(tenant, topology)}; without in_port the flow sees all packets of the tenant`,
    });
  }
  flow.actions.forEach((action, i) => {
    const port = outputOf(action, topology);
    if (!port || mayOutput(tenant, port, reach)) return;
    faults.push({
      pointer: pointer + jsonPointer('actions', i, 'port'),
      value: port.name,
      message: `no policy lets tenant ${tenant} send to port ${port.name}`,
      remedy: `send to the uplink, or ask the operator for a policy; ${ownPorts(tenant, topology)}`,
    });
  });
  return faults;
}

/**
 * The actions with which a flow is installed: where policy took away what a tenant's flow sends to, the flow stays but drops, until
 * policy gives it back.
 */
export function permittedActions(owner: Owner, actions: readonly Action[], topology: Topology, reach: Reach): readonly Action[] {
  if (owner.kind === 'operator') return actions;
  const refused = actions.some((action) => {
    const port = outputOf(action, topology);
    return port !== undefined && !mayOutput(owner.tenant, port, reach);
  });
  return refused ? [{ type: 'drop', reason: 'policy_refused' }] : actions;
}

const isOwn = (tenant: TenantName, { role }: TopologyPort): boolean => role.kind === 'gw' && role.tenant === tenant;

const outputOf = (action: Action, { portByNumber }: Topology): TopologyPort | undefined =>
  action.type === 'output' && action.port !== 'in_port' ? portByNumber.get(action.port) : undefined;

function ownPorts(tenant: TenantName, { ports }: Topology): string {
  const own = ports.filter((port) => isOwn(tenant, port)).map((port) => port.name);
  return own.length === 0 ? 'the tenant has no ports' : `its ports are ${own.join(', ')}`;
}
