import { contains, parseIp, parsePrefix } from '../model/address.js';
import type { Fault } from '../model/errors.js';
import { partsOf, type ConfigParts, type Named, type Part, type TenantParts } from '../config/parts.js';
import type { NetworkConfig, PortConfig, VswitchConfig } from '../config/schema.js';
import { defaultMemoryMib } from '../switch/options.js';

/** A checked config, and where it came from. */
export interface Source {
  readonly file: string;
  readonly config: VswitchConfig;
}

/** In/Out VF, Gw VF, and the VF inside a tenant's VM (T VF). */
export type VfRole = 'uplink' | 'gw' | 'tenant';

/** A VF that a config asks for. */
export interface WantedVf {
  /** The same for as long as the config calls it so: `SWITCH/PORT`, of a tenant's VM `SWITCH/TENANT/VM`. */
  readonly id: string;
  readonly role: VfRole;
  /** The config's name. */
  readonly switch: string;
  /** Of a tenant's VM: the Gw port that it is behind. */
  readonly port: string;
  readonly tenant?: string;
  /** The libvirt domain that gets the VF. */
  readonly domain: string;
  readonly mac: string;
  /** Port VLAN. */
  readonly vlan: number;
  /** The `address` of a `pci` port. */
  readonly given?: string;
  /** What asks for it, as `FILE#POINTER`. */
  readonly place: string;
}

export interface LayoutOptions {
  /** Of all In/Out VFs. */
  readonly uplinkVlan: number;
  /** Plans a VF for a port of whatever type. */
  readonly anyType: boolean;
}

/** A config taken apart; its pointers name the file, too (RFC 6901 section 6). */
export interface Site {
  readonly name: string;
  readonly file: string;
  readonly parts: ConfigParts;
  /** Memory for packets in MiB. */
  readonly mib: number;
}

export const sitesOf = (sources: readonly Source[]): Site[] =>
  sources.map(({ file, config }) => ({
    name: config.name,
    file,
    parts: partsOf(config),
    mib: config.memory?.mib ?? defaultMemoryMib,
  }));

export const at = ({ file }: Site, pointer: string): string => `${file}#${pointer}`;

/** The libvirt domain of a tenant's VM; that of a vswitch-VM has the config's name. */
export const domainOf = (tenant: string, vm: string): string => `${tenant}-${vm}`;

/** All VFs, in the order of their numbers: of all configs the In/Out ports, then the Gw ports, then the tenants' VMs. */
export function layoutOf(sites: readonly Site[], options: LayoutOptions): { vfs: WantedVf[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const ofPorts = (role: VfRole): WantedVf[] =>
    sites.flatMap((site) =>
      site.parts.ports
        .filter(({ value }) => (value.role === 'uplink') === (role === 'uplink'))
        .flatMap((port) => vfOfPort(site, port, role, options, faults)),
    );
  const vfs = [...ofPorts('uplink'), ...ofPorts('gw'), ...sites.flatMap(vfsOfVms)];
  return { vfs, faults };
}

function vfOfPort(
  site: Site,
  { name, pointer, value }: Named<PortConfig>,
  role: VfRole,
  { uplinkVlan, anyType }: LayoutOptions,
  faults: Fault[],
): WantedVf[] {
  if (value.type !== 'pci' && !anyType)
    faults.push({
      pointer: at(site, `${pointer}/type`),
      value: value.type,
      message: `a port of type ${value.type} is no VF`,
      remedy: 'use type pci with the address of the VF in the vswitch-VM; or plan a VF for every port, by its name: --any-type',
    });
  if (value.mac === undefined)
    faults.push({
      pointer: at(site, `${pointer}/mac`),
      message: "is missing: the host sets each VF's MAC address, and the NIC forwards and checks sources by it",
      remedy: 'give the port `mac`, of its own and locally administered, for example 02:00:00:00:00:01',
    });
  const vlan = role === 'uplink' ? uplinkVlan : vlanOfPort(site.parts, name);
  if (value.mac === undefined || vlan === undefined) return [];
  return [
    {
      id: `${site.name}/${name}`,
      role,
      switch: site.name,
      port: name,
      ...(value.tenant === undefined ? {} : { tenant: value.tenant }),
      domain: site.name,
      mac: value.mac.toLowerCase(),
      vlan,
      ...(value.type === 'pci' ? { given: value.address.toLowerCase() } : {}),
      place: at(site, pointer),
    },
  ];
}

function vfsOfVms(site: Site): WantedVf[] {
  return site.parts.tenants.flatMap((tenant) =>
    tenant.vms.flatMap(({ name, pointer, value }): WantedVf[] => {
      const vlan = vlanOfPort(site.parts, value.port);
      if (vlan === undefined) return [];
      return [
        {
          id: `${site.name}/${tenant.name}/${name}`,
          role: 'tenant',
          switch: site.name,
          port: value.port,
          tenant: tenant.name,
          domain: domainOf(tenant.name, name),
          mac: value.mac.toLowerCase(),
          vlan,
          place: at(site, pointer),
        },
      ];
    }),
  );
}

/** The networks that a Gw port is the way to: those of its VMs, or all of its tenant's where it has no VM. */
export function networksBehind(tenant: TenantParts, port: string): Part<NetworkConfig>[] {
  const vms = tenant.vms.filter(({ value }) => value.port === port);
  if (vms.length === 0) return [...tenant.networks];
  const addresses = vms.flatMap(({ value }) => value.addresses.flatMap((text) => parseIp(text) ?? []));
  return tenant.networks.filter(({ value }) => {
    const prefix = parsePrefix(value.prefix);
    return prefix !== undefined && addresses.some((address) => contains(prefix, address));
  });
}

/** The port VLAN of a Gw port and of the VMs behind it, where there is exactly one. */
export function vlanOfPort({ ports, tenants }: ConfigParts, name: string): number | undefined {
  const port = ports.find((other) => other.name === name);
  const tenant = tenants.find((other) => other.name === port?.value.tenant);
  const vlans = new Set(tenant ? networksBehind(tenant, name).map(({ value }) => value.vlan) : []);
  return vlans.size === 1 ? [...vlans][0] : undefined;
}
