import type { VswitchConfig } from '../../src/config/schema.js';
import type { FlowText } from '../../src/model/flow.js';
import type { Work } from '../forwarding.js';
import { flowFrames } from '../support/frames.js';
import { aclWork, thirtyShapes } from './acl.js';
import { forward } from './actions.js';

/** A tenant with a port to receive by and one to send by, for each of the two. */
export const neighbours = ['victim', 'flooder'] as const;
export type Neighbour = (typeof neighbours)[number];
export const sinkOf = (neighbour: Neighbour): string => `${neighbour}-out`;

const aclRules = 1000;

/** The victim's packets meet one rule, the flooder's an access list; both come as fast as they are taken. */
export function neighbourWork(flows: number, sending: readonly Neighbour[]): Work {
  const flood = aclWork(aclRules, thirtyShapes, flows);
  const rule: FlowText = {
    match: { in_port: 'victim', eth_type: 0x0800, ipv4_dst: '10.0.0.0/8' },
    actions: forward(undefined, sinkOf('victim')),
  };
  const floodRules = flood.rules.flows.map((flow): FlowText => ({
    ...flow,
    match: { ...flow.match, in_port: 'flooder' },
    actions: forward(undefined, sinkOf('flooder')),
  }));
  const frames: Readonly<Record<Neighbour, readonly Buffer[]>> = {
    victim: flowFrames(1000),
    flooder: flood.sources['source'] ?? [],
  };
  return {
    rules: { flows: [rule, ...floodRules] },
    sources: Object.fromEntries(sending.map((name) => [name, frames[name]])),
    sinks: [...neighbours.map(sinkOf), ...neighbours.filter((name) => !sending.includes(name))],
    counted: [sinkOf('victim')],
  };
}

/** Each neighbour's ports are its own. */
export function asTenants(usual: VswitchConfig): VswitchConfig {
  const ownerOf = (port: string): Neighbour => (port.startsWith('victim') ? 'victim' : 'flooder');
  const ports = Object.entries(usual.ports).map(([name, { role: _, ...port }]) => [name, { ...port, tenant: ownerOf(name) }]);
  return { ...usual, ports: Object.fromEntries(ports) as VswitchConfig['ports'], tenants: { victim: {}, flooder: {} } };
}
