import type { Action, ActionText, OutputPort } from '../model/action.js';
import { jsonPointer, type Fault } from '../model/errors.js';
import type { Flow, FlowText } from '../model/flow.js';
import type { GroupText } from '../model/group.js';
import type { Owner, TenantName } from '../model/ids.js';
import type { Topology, TopologyPort } from '../model/topology.js';
import { everyAction, portsNamed } from './every-action.js';
import { findPort } from './syntax/value.js';
import { mayOutput, type Reach } from './topology.js';

/**
 * In what a flow would leave its tenant: it may match only the tenant's own ports, and send only to these, to where the packet came
 * from, to an uplink, and to the ports of tenants that policy lets it reach. The operator's flows may do anything.
 * @param text as the flow was written, for the places and values in the faults.
 */
export function isolationFaults(
  owner: Owner,
  flow: Flow,
  text: FlowText,
  topology: Topology,
  reach: Reach,
  pointer: string,
): readonly Fault[] {
  if (owner.kind === 'operator') return none;
  const { tenant } = owner;
  const port = flow.match.get('in_port');
  const inPort = port && topology.portByNumber.get(Number(port.value));
  // What is written into an action set and overwritten there is seen only in the text.
  const isPlain = !flow.actions.some(({ type }) => type === 'write_actions');
  if ((!inPort || isOwn(tenant, inPort)) && isPlain && permittedActions(owner, flow.actions, topology, reach) === flow.actions)
    return none;
  const faults: Fault[] = [];
  if (inPort && !isOwn(tenant, inPort)) {
    faults.push({
      pointer: pointer + jsonPointer('match', 'in_port'),
      value: text.match?.in_port,
      message: `port ${inPort.name} is not one of tenant ${tenant}`,
      remedy: `${ownPorts(tenant, topology)}; without in_port the flow sees all packets of the tenant`,
    });
  }
  return [...faults, ...actionFaults(tenant, text.actions, topology, reach, `${pointer}/actions`)];
}

/** The same for a group: what its buckets send to, and the ports that they watch. */
export function groupIsolationFaults(owner: Owner, text: GroupText, topology: Topology, reach: Reach, pointer: string): Fault[] {
  if (owner.kind === 'operator') return [];
  return text.buckets.flatMap(({ watch_port: watched, actions }, i) => {
    const here = pointer + jsonPointer('buckets', i);
    const watch = watched === undefined ? [] : portFaults(owner.tenant, watched, topology, reach, `${here}/watch_port`);
    return [...watch, ...actionFaults(owner.tenant, actions, topology, reach, `${here}/actions`)];
  });
}

/**
 * The actions with which a flow is installed: where policy took away what a tenant's flow sends to, the flow stays but drops, until
 * policy gives it back.
 */
export function permittedActions(owner: Owner, actions: readonly Action[], topology: Topology, reach: Reach): readonly Action[] {
  if (owner.kind === 'operator') return actions;
  for (const number of portsNamed(actions)) {
    const port = topology.portByNumber.get(number);
    if (port !== undefined && !mayOutput(owner.tenant, port, reach)) return policyRefused;
  }
  return actions;
}

const none: readonly Fault[] = [];
const policyRefused: readonly Action[] = [{ type: 'drop', reason: 'policy_refused' }];

function actionFaults(
  tenant: TenantName,
  actions: readonly ActionText[],
  topology: Topology,
  reach: Reach,
  pointer: string,
): Fault[] {
  return [...everyAction(actions, pointer)].flatMap(({ action, pointer: here }) =>
    action.type === 'output' || action.type === 'mirror' ? portFaults(tenant, action.port, topology, reach, `${here}/port`) : [],
  );
}

function portFaults(tenant: TenantName, written: OutputPort, topology: Topology, reach: Reach, pointer: string): Fault[] {
  const found = findPort(written, topology);
  const port = found.ok ? topology.portByNumber.get(found.value) : undefined;
  if (!port || mayOutput(tenant, port, reach)) return [];
  return [
    {
      pointer,
      value: port.name,
      message: `no policy lets tenant ${tenant} send to port ${port.name}`,
      remedy: `send to the uplink, or ask the operator for a policy; ${ownPorts(tenant, topology)}`,
    },
  ];
}

const isOwn = (tenant: TenantName, { role }: TopologyPort): boolean => role.kind === 'gw' && role.tenant === tenant;

function ownPorts(tenant: TenantName, { ports }: Topology): string {
  const own = ports.filter((port) => isOwn(tenant, port)).map((port) => port.name);
  return own.length === 0 ? 'the tenant has no ports' : `its ports are ${own.join(', ')}`;
}
