import { type IpAddress, type IpPrefix, familyBits, prefixMask } from '../model/address.js';
import type { Action } from '../model/action.js';
import type { Band, Flow } from '../model/flow.js';
import { operator, tenantOwner, type Owner } from '../model/ids.js';
import { fieldOf, fullMask, type FieldMatch, type FieldName } from '../model/match.js';
import { packMatch } from '../model/packed-match.js';
import type { Topology, TopologyPort, TopologyTenant, TopologyVm } from '../model/topology.js';
import type { PolicyEntry } from '../config/schema.js';
import { vlanPresent } from './syntax/value.js';
import { portsOf, reachOf, type Reach } from './topology.js';

/** A flow that follows from the config: the operator's run for packets of no tenant, a tenant's for its own. */
export interface DerivedFlow extends Flow {
  readonly owner: Owner;
  readonly band: Extract<Band, 'derived' | 'guard'>;
}

/** Priorities within the derived band: a route to a VM beats that its network is otherwise nobody, and this the way out. */
export const derivedPriorities = {
  resolve: 400,
  route: 300,
  unreachable: 200,
  uplink: 100,
  ownAddress: 70,
  foreignVlan: 60,
  spoofed: 50,
  guard: 100,
} as const;

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

/** All flows that follow from the topology and the policy: gateways, routes, refusals between tenants and of what contradicts both. */
export function derive(topology: Topology, policy: readonly PolicyEntry[]): DerivedFlow[] {
  const reach = reachOf(topology, policy);
  const hosts = new Map(topology.tenants.map((tenant) => [tenant.name as string, hostsOf(topology, tenant)]));
  const port = openPort(topology, topology.uplink?.port);
  const uplink = topology.uplink && port ? { ...topology.uplink, port } : undefined;
  const site: Site = { topology, reach, hosts, uplink };
  return [...ofUplink(site), ...topology.tenants.flatMap((tenant) => ofTenant(site, tenant))];
}

function ofTenant(site: Site, tenant: TopologyTenant): DerivedFlow[] {
  const hosts = site.hosts.get(tenant.name) ?? [];
  const own = tenantOwner(tenant.name);
  const gateways = gatewaysOf(tenant, hosts).map((flow) => derived(own, flow));
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
  const contradictions = ports
    .filter(({ number }) => hosts.some(({ port }) => port.number === number))
    .flatMap((port) => [ownAddress(port), foreignVlan(port), ...spoofs(port, tenant)]);
  return [
    ...gateways,
    ...[...fromUplink, ...routes, ...nowhere, ...toUplink, ...contradictions].map((flow) => derived(own, flow)),
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

/** The gateways of the networks, at the ports that have VMs behind them. */
function gatewaysOf({ networks }: TopologyTenant, hosts: readonly Host[]): Flow[] {
  const ports = new Map(hosts.map(({ port }) => [port.number, port]));
  const resolvers = [...ports.values()].flatMap((port) => networks.map(({ gateway }) => resolver(port, gateway)));
  const replies = hosts.flatMap((host) =>
    sameFamily(
      host.vm.addresses,
      networks.map(({ gateway }) => gateway),
    ).map(([source, gateway]) => replyTo([...arriving(host, source), addressed('dst', gateway)])),
  );
  return [...resolvers, ...replies];
}

function ofUplink({ uplink }: Site): DerivedFlow[] {
  if (!uplink) return [];
  const { port, addresses } = uplink;
  const flows = addresses.flatMap((address) => [
    resolver(port, address),
    replyTo([...atRouter(port, address.family), addressed('dst', address)]),
  ]);
  return [...flows, ownAddress(port)].map((flow) => derived(operator, flow));
}

/** Says which MAC address has the address: ARP (RFC 826), or neighbour discovery (RFC 4861). */
const resolver = (port: OpenPort, address: IpAddress): Flow => {
  const asking: Entry[] = [from(port), ['eth_type', exact('eth_type', address.family === 4 ? 0x0806n : 0x86ddn)]];
  return address.family === 4
    ? flow(
        derivedPriorities.resolve,
        [...asking, ['arp_op', exact('arp_op', 1n)], ['arp_tpa', exact('arp_tpa', address.value)]],
        [{ type: 'arp_reply', mac: port.mac }, back],
      )
    : flow(
        derivedPriorities.resolve,
        [
          ...asking,
          ['ip_proto', exact('ip_proto', 58n)],
          ['icmpv6_type', exact('icmpv6_type', 135n)],
          ['ipv6_nd_target', exact('ipv6_nd_target', address.value)],
        ],
        [{ type: 'nd_reply', mac: port.mac }, back],
      );
};

const back: Action = { type: 'output', port: 'in_port' };

const replyTo = (entries: readonly Entry[]): Flow => flow(derivedPriorities.route, entries, [{ type: 'icmp_reply' }, back]);

/** What no VM behind the port may have sent: all that comes to the router and is not let through as one VM's. */
const spoofs = (port: OpenPort, { networks }: TopologyTenant): Flow[] =>
  [...new Set(networks.map(({ prefix }) => prefix.family))].map((family) =>
    flow(derivedPriorities.spoofed, atRouter(port, family), [{ type: 'drop', reason: 'spoofed_source' }]),
  );

/** A frame that comes back, or that somebody sends in the router's name. */
const ownAddress = (port: OpenPort): Flow =>
  flow(
    derivedPriorities.ownAddress,
    [from(port), ['eth_src', exact('eth_src', port.mac)]],
    [{ type: 'drop', reason: 'own_address' }],
  );

/** The NIC takes the port's own tag off: what is left is one that a VM put on. */
const foreignVlan = (port: OpenPort): Flow =>
  flow(
    derivedPriorities.foreignVlan,
    [from(port), ['vlan_vid', { value: vlanPresent, mask: vlanPresent }]],
    [{ type: 'drop', reason: 'foreign_vlan' }],
  );

/** Between VMs; only packets with the sender's own addresses go (anti-spoofing). VMs behind one port reach each other through it. */
const route = (from: Host, to: Host): Flow[] =>
  sameFamily(from.vm.addresses, to.vm.addresses).map(([source, target]) =>
    flow(derivedPriorities.route, [...arriving(from, source), addressed('dst', target)], deliver(from.port, to)),
  );

const routeIn = (uplink: OpenPort | undefined, to: Host): Flow[] =>
  uplink
    ? to.vm.addresses.map((target) =>
        flow(derivedPriorities.route, [...atRouter(uplink, target.family), addressed('dst', target)], deliver(uplink, to)),
      )
    : [];

/** Without an uplink there is no way out. */
const routeOut = (host: Host, { uplink }: Site): Flow[] =>
  host.vm.addresses.map((source) =>
    flow(
      derivedPriorities.uplink,
      arriving(host, source),
      uplink ? forward(uplink.port.mac, uplink.nextHopMac, uplink.port) : [{ type: 'drop', reason: 'rule_drop' }],
    ),
  );

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
        [from(port), ['eth_type', exact('eth_type', ethType(prefix.family))], within('dst', prefix)],
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

const from = (port: OpenPort): Entry => ['in_port', exact('in_port', BigInt(port.number))];

/** Sent to the router that the port is. */
const atRouter = (port: OpenPort, family: 4 | 6): Entry[] => [
  from(port),
  ['eth_dst', exact('eth_dst', port.mac)],
  ['eth_type', exact('eth_type', ethType(family))],
];

const arriving = ({ vm, port }: Host, source: IpAddress): Entry[] => [
  from(port),
  ['eth_dst', exact('eth_dst', port.mac)],
  ['eth_src', exact('eth_src', vm.mac)],
  ['eth_type', exact('eth_type', ethType(source.family))],
  ['vlan_vid', exact('vlan_vid', 0n)],
  addressed('src', source),
];

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
