import type { VswitchConfig } from '../../src/config/schema.js';
import type { FlowText } from '../../src/model/flow.js';
import type { Work } from '../forwarding.js';
import type { RuleSet } from '../subject.js';
import { flowFrames } from '../support/frames.js';
import { aclWork, siteAddress, thirtyShapes } from './acl.js';
import { forward } from './actions.js';

export const neighbours = ['victim', 'flooder'] as const;
export type Neighbour = (typeof neighbours)[number];
/** By which ports packets come: each neighbour's own Gw port, or the uplink, which both share. */
export const ways = ['own', 'uplink'] as const;
export type Way = (typeof ways)[number];

export const uplink = 'up';
export const sourceOf = (way: Way, neighbour: Neighbour): string => (way === 'own' ? neighbour : uplink);
export const sinkOf = (neighbour: Neighbour): string => `${neighbour}-out`;

const aclRules = 1000;
const victimFlows = 1000;
const networks: Readonly<Record<Neighbour, string>> = { victim: '10.0.0.0/8', flooder: '11.0.0.0/8' };
/** As siteAddress, in the flooder's network. */
const floodAddress: typeof siteAddress = (random) => siteAddress(random) + (1 << 24);
const flood = (flows: number): Work => aclWork(aclRules, thirtyShapes, flows, floodAddress);

/** Frames of so many flows, each of a rule of the flooder's access list. */
export const floodFrames = (flows: number): readonly Buffer[] => flood(flows).sources['source'] ?? [];

/** The victim's packets meet one rule, the flooder's an access list. */
function rulesOf(way: Way): Readonly<Record<Neighbour, readonly FlowText[]>> {
  const from = (neighbour: Neighbour) => ({ in_port: sourceOf(way, neighbour) });
  const rule: FlowText = {
    match: { ...from('victim'), eth_type: 0x0800, ipv4_dst: networks.victim },
    actions: forward(undefined, sinkOf('victim')),
  };
  const list = flood(0).rules.flows.map((flow): FlowText => ({
    ...flow,
    match: { ...flow.match, ...from('flooder') },
    actions: forward(undefined, sinkOf('flooder')),
  }));
  return { victim: [rule], flooder: list };
}

export const neighbourRules = (way: Way): RuleSet => ({ flows: Object.values(rulesOf(way)).flat() });

/**
 * Packets come as fast as they are taken; by the uplink one of each neighbour's in turn. The uplink's ring is as long for the victim alone: what a
 * ring costs in the caches is not the flood's doing.
 */
export function neighbourWork(way: Way, flows: number, sending: readonly Neighbour[]): Work {
  const victim = flowFrames(victimFlows);
  const frames = { victim, flooder: sending.includes('flooder') ? floodFrames(flows) : [] };
  const mixed = Array.from({ length: 2 * flows }, (_, i): Buffer => {
    const from = i % 2 === 1 && sending.includes('flooder') ? frames.flooder : victim;
    return from[(i >> 1) % from.length] ?? Buffer.alloc(0);
  });
  const silent = way === 'own' ? neighbours.filter((name) => !sending.includes(name)) : [];
  return {
    rules: neighbourRules(way),
    sources: way === 'own' ? Object.fromEntries(sending.map((name) => [name, frames[name]])) : { [uplink]: mixed },
    sinks: [...neighbours.map(sinkOf), ...silent],
    counted: [sinkOf('victim')],
  };
}

/**
 * Each neighbour's ports are its own. From the uplink each sees packets for its own network; its rules are its own, too, since the
 * operator's would be in everybody's tables.
 */
export function asTenants(way: Way, usual: VswitchConfig): VswitchConfig {
  const ports = Object.entries(usual.ports).map(([name, { role: _, ...port }]) =>
    name === uplink ? [name, { ...port, role: 'uplink' }] : [name, { ...port, tenant: ownerOf(name) }],
  );
  const tenants = Object.fromEntries(neighbours.map((name) => [name, way === 'own' ? {} : tenantOf(name)]));
  const own = { port: uplink, addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:00:99' };
  return {
    ...usual,
    ports: Object.fromEntries(ports) as VswitchConfig['ports'],
    tenants,
    ...(way === 'own' ? {} : { uplink: own, limits: { ...usual.limits, masksPerTable: 64 } }),
  };
}

const ownerOf = (port: string): Neighbour => (port.startsWith('victim') ? 'victim' : 'flooder');

const tenantOf = (name: Neighbour) => ({
  networks: [{ prefix: networks[name], gateway: networks[name].replace('.0.0.0/8', '.255.255.254') }],
  flows: rulesOf('uplink')[name].map(({ match: { in_port: _, ...match } = {}, ...flow }): FlowText => ({ ...flow, match })),
});
