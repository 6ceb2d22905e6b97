import type { TopologyNetwork } from '../model/topology.js';
import { contains, formatIp, formatMac, formatPrefix, type IpAddress } from '../model/address.js';
import { resolveTopology } from '../config/resolve.js';
import type { PortConfig, VswitchConfig } from '../config/schema.js';
import { jsonPointer, VswitchError, type Fault } from '../model/errors.js';

/** A program and its arguments, as exec(3) takes them. */
export type Argv = readonly [string, ...string[]];

/** A machine of the lab: a network namespace. */
export interface LabHost {
  readonly namespace: string;
  /** `undefined`: the uplink host. */
  readonly tenant: string | undefined;
  readonly vm: string | undefined;
  readonly addresses: readonly IpAddress[];
}

export interface LabPlan {
  readonly name: string;
  /** Where the switch runs; it holds the switch's ends of all links. */
  readonly switchNamespace: string;
  readonly uplinkHost: LabHost;
  readonly vms: readonly LabHost[];
  readonly namespaces: readonly string[];
  /** What builds it, in order. */
  readonly commands: readonly Argv[];
}

interface Link {
  /** The switch's end. */
  readonly interface: string;
  readonly gatewayMac: string | undefined;
  readonly host: LabHost;
  readonly hostMac: string;
}

/**
 * The lab of a config: what is to be run to build it. Everything is inside its namespaces.
 * @param name begins the name of every namespace.
 * @throws VswitchError LAB_FAILED where the config has parts that a lab cannot stand for, with all of them.
 */
export function planLab(config: VswitchConfig, name: string): LabPlan {
  const faults: Fault[] = [];
  const topology = resolveTopology(config);
  const switchNamespace = `${name}-vswitch`;
  const interfaceOf = (port: string): string => kernelInterface(port, config.ports[port], faults);
  const macOf = (port: string): string | undefined => config.ports[port]?.mac;

  const { uplink } = topology;
  const [switchAddress] = uplink?.addresses ?? [];
  if (!uplink || switchAddress?.family !== 4) {
    const message = 'a lab has an uplink host, whose address follows the first IPv4 address of the uplink';
    throw new VswitchError('LAB_FAILED', message, [{ pointer: '/uplink', message, remedy: 'give the config an uplink' }]);
  }
  const hostAddress: IpAddress = { family: 4, value: switchAddress.value + 1n };
  const uplinkHost: LabHost = { namespace: `${name}-uplink`, tenant: undefined, vm: undefined, addresses: [hostAddress] };
  const uplinkLink: Link = {
    interface: interfaceOf(uplink.port),
    gatewayMac: macOf(uplink.port),
    host: uplinkHost,
    hostMac: formatMac(uplink.nextHopMac),
  };
  const vmLinks = topology.tenants.flatMap((tenant) =>
    tenant.vms.map((vm) => {
      const namespace = `${name}-${tenant.name}-${vm.name}`;
      const host: LabHost = { namespace, tenant: tenant.name, vm: vm.name, addresses: vm.addresses };
      const link: Link = { interface: interfaceOf(vm.port), gatewayMac: macOf(vm.port), host, hostMac: formatMac(vm.mac) };
      return { link, networks: tenant.networks };
    }),
  );
  if (faults.length > 0) throw new VswitchError('LAB_FAILED', 'a lab cannot stand for some ports of the config', faults);

  const vms = vmLinks.map(({ link }) => link.host);
  const prefixes = topology.tenants.flatMap((tenant) => tenant.networks.map(({ prefix }) => prefix));
  return {
    name,
    switchNamespace,
    uplinkHost,
    vms,
    namespaces: [switchNamespace, uplinkHost.namespace, ...vms.map(({ namespace }) => namespace)],
    commands: [
      ['ip', 'netns', 'add', switchNamespace],
      // The kernel must not answer for the switch.
      sysctl(switchNamespace, 'ipv6/conf/default/disable_ipv6', 1),
      ...linkCommands(uplinkLink, switchNamespace),
      inside(uplinkHost.namespace, 'ip', 'address', 'add', `${formatIp(hostAddress)}/24`, 'dev', 'eth0'),
      ...prefixes
        .filter(({ family }) => family === 4)
        .map((prefix) =>
          inside(uplinkHost.namespace, 'ip', 'route', 'add', formatPrefix(prefix), 'via', formatIp(switchAddress)),
        ),
      ...vmLinks.flatMap(({ link, networks }) => [...linkCommands(link, switchNamespace), ...vmCommands(link.host, networks)]),
    ],
  };
}

/** Runs in a namespace; unlike `ip netns exec` it changes nothing but the network. */
export const inside = (namespace: string, ...argv: readonly string[]): Argv => [
  'nsenter',
  `--net=/run/netns/${namespace}`,
  '--',
  ...argv,
];

/** Without sysctl(8), which a minimal Debian lacks. */
const sysctl = (namespace: string, path: string, value: number): Argv =>
  inside(namespace, 'sh', '-c', `echo ${value} >/proc/sys/net/${path}`);

function kernelInterface(port: string, config: PortConfig | undefined, faults: Fault[]): string {
  if (config?.type === 'af_packet' || config?.type === 'af_xdp') return config.interface;
  faults.push({
    pointer: jsonPointer('ports', port, 'type'),
    value: config?.type,
    message: 'a link of the lab ends in a kernel interface',
    remedy: 'use af_packet or af_xdp',
  });
  return '';
}

/** What a veth pair would leave to hardware: packet sockets see packets before it is done. */
const noOffloads = [
  'rx',
  'off',
  'tx',
  'off',
  'sg',
  'off',
  'tso',
  'off',
  'gso',
  'off',
  'gro',
  'off',
  'rxvlan',
  'off',
  'txvlan',
  'off',
];

/** A namespace, the pair that leads to it, and both ends up. */
function linkCommands({ interface: end, gatewayMac, host, hostMac }: Link, switchNamespace: string): Argv[] {
  const { namespace } = host;
  const gatewayAddress = gatewayMac === undefined ? [] : ['address', gatewayMac];
  return [
    ['ip', 'netns', 'add', namespace],
    // No link-local address and no router solicitation: only what is sent on purpose is on the wire.
    sysctl(namespace, 'ipv6/conf/default/addr_gen_mode', 1),
    sysctl(namespace, 'ipv6/conf/default/accept_ra', 0),
    // prettier-ignore
    ['ip', 'link', 'add', end, ...gatewayAddress, 'netns', switchNamespace, 'type', 'veth',
      'peer', 'name', 'eth0', 'address', hostMac, 'netns', namespace],
    inside(switchNamespace, 'ethtool', '-K', end, ...noOffloads),
    inside(namespace, 'ethtool', '-K', 'eth0', ...noOffloads),
    inside(switchNamespace, 'ip', 'link', 'set', end, 'up'),
    inside(namespace, 'ip', 'link', 'set', 'lo', 'up'),
    inside(namespace, 'ip', 'link', 'set', 'eth0', 'up'),
  ];
}

/** Host addresses only, and everything by the gateway: packets between VMs of a tenant, too, take their way over the switch. */
function vmCommands({ namespace, addresses }: LabHost, networks: readonly TopologyNetwork[]): Argv[] {
  return [4, 6].flatMap((family) => {
    const own = addresses.filter((address) => address.family === family);
    const gateway = networks.find(({ prefix }) => own.some((address) => contains(prefix, address)))?.gateway;
    const ip = (...args: string[]): Argv => inside(namespace, 'ip', `-${family}`, ...args);
    const length = family === 4 ? '32' : '128';
    const add = own.map((address) =>
      ip('address', 'add', `${formatIp(address)}/${length}`, 'dev', 'eth0', ...(family === 6 ? ['nodad'] : [])),
    );
    if (!gateway) return add;
    const via = formatIp(gateway);
    return [...add, ip('route', 'add', via, 'dev', 'eth0'), ip('route', 'add', 'default', 'via', via, 'dev', 'eth0')];
  });
}
