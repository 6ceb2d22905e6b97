import { type IpAddress, type IpPrefix, familyBits, prefixMask } from '../model/address.js';
import type { Action } from '../model/action.js';
import type { Band, Flow } from '../model/flow.js';
import { operator, tenantOwner, type Owner } from '../model/ids.js';
import { fieldOf, fullMask, type FieldMatch, type FieldName } from '../model/match.js';
import { packMatch } from '../model/packed-match.js';
import type { Topology, TopologyPort, TopologyTenant, TopologyVm } from '../model/topology.js';
import type { PolicyEntry } from '../config/schema.js';
import { portsOf, reachOf, type Reach } from './topology.js';

/** A flow that follows from the config: the operator's run for packets of no tenant, a tenant's for its own. */
export interface DerivedFlow extends Flow {
  readonly owner: Owner;
  readonly band: Extract<Band, 'derived' | 'guard'>;
}

/** Priorities within the derived band: a route to a VM beats that its network is otherwise nobody, and this the way out. */
export const derivedPriorities = { arp: 400, route: 300, unreachable: 200, uplink: 100, guard: 100 } as const;

type OpenPort = TopologyPort & { readonly mac: bigint };

/** A VM, and its port where that is open. */
interface Host {
  readonly vm: TopologyVm;
  readonly port: OpenPort;
}

interface Site {
  readonly topology: Topology;
  readonly reach: Reach;
  readonly hosts: ReadonlyMap<string, readonly Host[]>;
  readonly uplink: { readonly port: OpenPort; readonly addresses: readonly IpAddress[]; readonly nextHopMac: bigint } | undefined;
}

/** All flows that follow from the topology and the policy: gateways' ARP, routes, and refusals between tenants. */
export function derive(topology: Topology, policy: readonly PolicyEntry[]): DerivedFlow[] {
  const reach = reachOf(topology, policy);
  const hosts = new Map(topology.tenants.map((tenant) => [tenant.name as string, hostsOf(topology, tenant)]));
  const port = openPort(topology, topology.uplink?.port);
  const uplink = topology.uplink && port ? { ...topology.uplink, port } : undefined;
  const site: Site = { topology, reach, hosts, uplink };
  return [...uplinkArp(site), ...topology.tenants.flatMap((tenant) => ofTenant(site, tenant))];
}

function ofTenant(site: Site, tenant: TopologyTenant): DerivedFlow[] {
  const hosts = site.hosts.get(tenant.name) ?? [];
  const own = tenantOwner(tenant.name);
  const gateways = gatewayArp(tenant, hosts).map((flow) => derived(own, flow));
  const others = site.topology.tenants.filter((other) => other.name !== tenant.name);
  const reachable = others.filter((other) => site.reach.get(tenant.name)?.has(other.name));
  const refused = others.filter((other) => !reachable.includes(other));
  const targets = [...hosts, ...reachable.flatMap((other) => site.hosts.get(other.name) ?? [])];
  const routes = hosts.flatMap((from) => targets.filter((to) => to !== from).flatMap((to) => route(from, to)));
  const fromUplink = site.uplink ? hosts.flatMap((to) => routeIn(site.uplink?.port, to)) : [];
  const toUplink = hosts.flatMap((from) => routeOut(from, site));
  const ports = portsOf(site.topology, tenant.name).filter(isOpen);
  const nowhere = [tenant, ...reachable].flatMap((network) =>
    refusals(ports, network, derivedPriorities.unreachable, 'rule_drop'),
  );
  const guards = refused.flatMap((other) => refusals(ports, other, derivedPriorities.guard, 'policy_refused'));
  return [
    ...gateways,
    ...[...fromUplink, ...routes, ...nowhere, ...toUplink].map((flow) => derived(own, flow)),
    ...guards.map((flow): DerivedFlow => ({ ...flow, owner: own, band: 'guard' })),
  ];
}

const derived = (owner: Owner, flow: Flow): DerivedFlow => ({ ...flow, owner, band: 'derived' });

const isOpen = (port: TopologyPort): port is OpenPort => port.open && port.mac !== undefined;

function openPort({ portByName }: Topology, name: string | undefined): OpenPort | undefined {
  const port = name === undefined ? undefined : portByName.get(name);
  return port && isOpen(port) ? port : undefined;
}

const hostsOf = (topology: Topology, { vms }: TopologyTenant): Host[] =>
  vms.flatMap((vm) => {
    const port = openPort(topology, vm.port);
    return port ? [{ vm, port }] : [];
  });

/** The gateways of the networks that the VMs behind each port are in (RFC 826). */
function gatewayArp({ networks }: TopologyTenant, hosts: readonly Host[]): Flow[] {
  const gateways = networks.map(({ gateway }) => gateway).filter(({ family }) => family === 4);
  const ports = new Map(hosts.map(({ port }) => [port.number, port]));
  return [...ports.values()].flatMap((port) => gateways.map((gateway) => arpResponder(port, gateway)));
}

const uplinkArp = ({ uplink }: Site): DerivedFlow[] =>
  (uplink?.addresses ?? [])
    .filter(({ family }) => family === 4)
    .flatMap((address) => (uplink ? [derived(operator, arpResponder(uplink.port, address))] : []));

const arpResponder = (port: OpenPort, address: IpAddress): Flow =>
  flow(
    derivedPriorities.arp,
    [
      ['in_port', exact('in_port', BigInt(port.number))],
      ['eth_type', exact('eth_type', 0x0806n)],
      ['arp_op', exact('arp_op', 1n)],
      ['arp_tpa', exact('arp_tpa', address.value)],
    ],
    [
      { type: 'arp_reply', mac: port.mac },
      { type: 'output', port: 'in_port' },
    ],
  );

/** Between VMs; only packets with the sender's own address go (anti-spoofing). VMs behind one port reach each other through it. */
const route = (from: Host, to: Host): Flow[] =>
  sameFamily(from.vm.addresses, to.vm.addresses).map(([source, target]) =>
    flow(derivedPriorities.route, [...arriving(from.port, source), addressed('dst', target)], deliver(from.port, to)),
  );

const routeIn = (uplink: OpenPort | undefined, to: Host): Flow[] =>
  uplink
    ? to.vm.addresses.map((target) =>
        flow(derivedPriorities.route, [...atRouter(uplink, target.family), addressed('dst', target)], deliver(uplink, to)),
      )
    : [];

const routeOut = ({ vm, port }: Host, { uplink }: Site): Flow[] =>
  uplink
    ? vm.addresses.map((source) =>
        flow(derivedPriorities.uplink, arriving(port, source), forward(uplink.port.mac, uplink.nextHopMac, uplink.port)),
      )
    : [];

/** What is for a network and no VM of it goes nowhere; least of all out by the uplink. */
const refusals = (
  ports: readonly OpenPort[],
  { networks }: TopologyTenant,
  priority: number,
  reason: 'rule_drop' | 'policy_refused',
): Flow[] =>
  ports.flatMap((port) =>
    networks.map(({ prefix }) =>
      flow(
        priority,
        [
          ['in_port', exact('in_port', BigInt(port.number))],
          ['eth_type', exact('eth_type', ethType(prefix.family))],
          within('dst', prefix),
        ],
        [{ type: 'drop', reason }],
      ),
    ),
  );

const deliver = (ingress: OpenPort, { vm, port }: Host): Action[] => forward(port.mac, vm.mac, port, ingress);

/** A router's hop: new addresses of the link, one less to live. */
const forward = (source: bigint, target: bigint, egress: OpenPort, ingress?: OpenPort): Action[] => [
  { type: 'set_field', field: 'eth_src', value: source, mask: fullMask(48) },
  { type: 'set_field', field: 'eth_dst', value: target, mask: fullMask(48) },
  { type: 'dec_ttl' },
  { type: 'output', port: ingress?.number === egress.number ? 'in_port' : egress.number },
];

type Entry = readonly [FieldName, FieldMatch];

const ethType = (family: 4 | 6): bigint => (family === 4 ? 0x0800n : 0x86ddn);

const exact = (name: FieldName, value: bigint): FieldMatch => ({ value, mask: fullMask(fieldOf(name).spec.bits) });

/** Sent to the router that the port is. */
const atRouter = (port: OpenPort, family: 4 | 6): Entry[] => [
  ['in_port', exact('in_port', BigInt(port.number))],
  ['eth_dst', exact('eth_dst', port.mac)],
  ['eth_type', exact('eth_type', ethType(family))],
];

const arriving = (port: OpenPort, source: IpAddress): Entry[] => [...atRouter(port, source.family), addressed('src', source)];

const ipField = (family: 4 | 6, side: 'src' | 'dst'): FieldName => `ipv${family}_${side}`;

const addressed = (side: 'src' | 'dst', { family, value }: IpAddress): Entry => {
  const name = ipField(family, side);
  return [name, exact(name, value)];
};

const within = (side: 'src' | 'dst', { family, value, length }: IpPrefix): Entry => [
  ipField(family, side),
  { value, mask: prefixMask(length, familyBits[family]) },
];

const sameFamily = (from: readonly IpAddress[], to: readonly IpAddress[]): [IpAddress, IpAddress][] =>
  from.flatMap((a) => to.filter((b) => b.family === a.family).map((b): [IpAddress, IpAddress] => [a, b]));

/** @param entries in the order of the fields' numbers. */
const flow = (priority: number, entries: readonly Entry[], actions: readonly Action[]): Flow => ({
  table: 0,
  priority,
  match: packMatch(new Map(entries), 0, priority),
  actions,
  cookie: 0n,
  idleTimeout: 0,
  hardTimeout: 0,
});
