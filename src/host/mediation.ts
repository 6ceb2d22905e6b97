import type { Fault } from '../model/errors.js';
import { repeated, type Keyed } from '../config/repeated.js';
import { at, domainOf, networksBehind, vlanOfPort, type Site } from './layout.js';

/** What in the configs would let packets pass between tenants, or by a vswitch, without it; and names that are there twice. */
export const mediationFaults = (sites: readonly Site[], uplinkVlan: number): Fault[] => [
  ...sites.flatMap(portVlanFaults),
  ...sites.flatMap(sharedPortVlanFaults),
  ...sharedVlanFaults(sites, uplinkVlan),
  ...repeated(macs(sites), 'a MAC address is one VF’s', 'give each port and VM its own'),
  ...repeated(domains(sites), 'a libvirt domain is one VM', 'give the switch, the tenant or the VM another name'),
  ...repeated(uplinkAddresses(sites), 'an address on the uplink is one switch’s', 'give each switch its own'),
];

/** Gw ports with no VLAN, or with several. */
function portVlanFaults(site: Site): Fault[] {
  const { ports, tenants } = site.parts;
  const untagged = new Map<string, Fault>();
  const others = ports.flatMap(({ name, pointer, value }): Fault[] => {
    const tenant = tenants.find((other) => other.name === value.tenant);
    if (!tenant) return [];
    const networks = networksBehind(tenant, name);
    for (const network of networks.filter((one) => one.value.vlan === undefined))
      untagged.set(network.pointer, {
        pointer: at(site, `${network.pointer}/vlan`),
        message: `is missing: VFs without a port VLAN reach each other past the vswitch, and may tag frames for any tenant`,
        remedy: `give the network a vlan of tenant ${tenant.name}'s own, 1 to 4094`,
      });
    const vlans = [...new Set(networks.flatMap((network) => network.value.vlan ?? []))];
    if (networks.length > 0 && vlans.length <= 1) return [];
    const message =
      vlans.length > 1
        ? `the port is the way to networks of VLANs ${vlans.join(' and ')}, and a VF has one port VLAN`
        : `tenant ${tenant.name} has no network, so the port has no VLAN`;
    const remedy = vlans.length > 1 ? 'give each of these networks a Gw port' : 'give the tenant a network with a vlan';
    return [{ pointer: at(site, pointer), value: vlans, message, remedy }];
  });
  return [...untagged.values(), ...others];
}

/** In one VLAN every Gw port gets every ARP request: each would say that it is the gateway, and knows only the VMs behind itself. */
function sharedPortVlanFaults(site: Site): Fault[] {
  const first = new Map<number, string>();
  return site.parts.ports.flatMap(({ name, pointer, value }): Fault[] => {
    const vlan = value.tenant === undefined ? undefined : vlanOfPort(site.parts, name);
    if (vlan === undefined) return [];
    const before = first.get(vlan);
    if (before === undefined) first.set(vlan, name);
    // Ports of two tenants are told of as tenants.
    const other = site.parts.ports.find((port) => port.name === before);
    if (other === undefined || other.value.tenant !== value.tenant) return [];
    const message = `VLAN ${vlan} has the Gw port ${other.name} already: both would answer for the gateway`;
    const remedy = `put the VMs behind ${other.name}, or give ${name} a network with a vlan of its own`;
    return [{ pointer: at(site, pointer), value: vlan, message, remedy }];
  });
}

/** VLANs of two tenants, of the same tenant behind two switches, or of the In/Out VFs. */
function sharedVlanFaults(sites: readonly Site[], uplinkVlan: number): Fault[] {
  const owners = new Map<number, { readonly owner: string; readonly where: string }>();
  return sites.flatMap((site) =>
    site.parts.tenants.flatMap((tenant) =>
      tenant.networks.flatMap((network): Fault[] => {
        const { vlan } = network.value;
        if (vlan === undefined) return [];
        const pointer = at(site, `${network.pointer}/vlan`);
        if (vlan === uplinkVlan) {
          const message = 'is the VLAN of the In/Out VFs: the tenant would be on the uplink';
          return [{ pointer, value: vlan, message, remedy: 'give the network another, or the uplink by --uplink-vlan' }];
        }
        const owner = `tenant ${tenant.name} of ${site.name}`;
        const before = owners.get(vlan);
        if (before === undefined) owners.set(vlan, { owner, where: pointer });
        if (before === undefined || before.owner === owner) return [];
        const message = `is the VLAN of ${before.owner}, too (${before.where}): the NIC would connect them without a vswitch`;
        return [{ pointer, value: vlan, message, remedy: 'give each tenant of each switch VLANs of its own' }];
      }),
    ),
  );
}

const macs = (sites: readonly Site[]): Keyed[] =>
  sites.flatMap((site) =>
    [...site.parts.ports, ...site.parts.tenants.flatMap(({ vms }) => vms)].flatMap(({ pointer, value: { mac } }) =>
      mac === undefined ? [] : [{ pointer: at(site, `${pointer}/mac`), value: mac, key: mac.toLowerCase() }],
    ),
  );

const domains = (sites: readonly Site[]): Keyed[] =>
  sites.flatMap((site) => [
    { pointer: at(site, '/name'), value: site.name, key: site.name },
    ...site.parts.tenants.flatMap((tenant) =>
      tenant.vms.map(({ name, pointer }) => {
        const domain = domainOf(tenant.name, name);
        return { pointer: at(site, pointer), value: domain, key: domain };
      }),
    ),
  ]);

const uplinkAddresses = (sites: readonly Site[]): Keyed[] =>
  sites.flatMap((site) =>
    (site.parts.uplink?.value.addresses ?? []).map((address, i) => ({
      pointer: at(site, `/uplink/addresses/${i}`),
      value: address,
      key: address.toLowerCase(),
    })),
  );
