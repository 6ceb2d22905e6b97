import type { Guest } from './guest.js';
import { outside, uplinkAddress, vfs, vms, vswitchVfs, type TenantVm } from './layout.js';

const devices = '/sys/bus/pci/devices';
/** The PCI device id of an 82576. */
const nicId = '0x10c9';

/** PCI addresses of the VFs, by number. */
export type Addresses = readonly string[];

/**
 * Makes the VFs, each with its MAC and port VLAN; no driver takes them. The NIC is down meanwhile: Linux's igbvf does not find
 * a VF ready that was made later.
 */
export async function makeVfs(guest: Guest): Promise<Addresses> {
  const said = await guest.shell(`
    nic=$(dirname $(grep -l ${nicId} ${devices}/*/device))
    pf=$(ls $nic/net)
    echo 0 >$nic/sriov_drivers_autoprobe
    echo ${vfs.length} >$nic/sriov_numvfs
    ip -batch - <<END
${vfs.map(({ mac, vlan }, vf) => `link set $pf vf ${vf} mac ${mac} vlan ${vlan} spoofchk on`).join('\n')}
link set $pf up
END
    for vf in $nic/virtfn*; do readlink $vf; done`);
  return said
    .trim()
    .split('\n')
    .map((path) => path.replace('../', ''));
}

/** Gives a VF to another driver. */
export const bind = (address: string, driver: 'vfio-pci' | 'igbvf'): string => `
  [ ! -e ${devices}/${address}/driver ] || echo ${address} >${devices}/${address}/driver/unbind
  echo ${driver} >${devices}/${address}/driver_override
  echo ${address} >/sys/bus/pci/drivers_probe`;

/** Moves an interface into a namespace of its own, which stands for a machine. */
const intoNamespace = (namespace: string, link: string, ...settings: readonly string[]): string => `
  ip netns add ${namespace}
  ip link set ${link} netns ${namespace} name eth0
  ip -n ${namespace} -batch - <<END
link set lo up
link set eth0 up
${settings.join('\n')}
END`;

/** The same with the interface of a VF that has the kernel's driver. */
export const vfIntoNamespace = (namespace: string, address: string, ...settings: readonly string[]): string =>
  intoNamespace(namespace, `$(ls ${devices}/${address}/net)`, ...settings);

/** A VM sends all to its gateway, whose MAC it has to ask for. */
const settingsOf = ({ address, gateway }: TenantVm): string[] => [
  `address add ${address}/32 dev eth0`,
  `route add ${gateway} dev eth0`,
  `route add default via ${gateway}`,
];

/** Gives the vswitch-VMs' VFs to vfio-pci and the tenants' to igbvf, and makes the machines. */
export async function makeMachines(guest: Guest, addresses: Addresses): Promise<void> {
  const { red, blue } = vswitchVfs;
  const machines = Object.values(vms);
  await guest.shell(`
    ${[red.uplink, red.gw, blue.uplink, blue.gw].map((vf) => bind(addresses[vf]!, 'vfio-pci')).join('\n')}
    ${machines.map(({ vf }) => bind(addresses[vf]!, 'igbvf')).join('\n')}
    ${machines.map((vm) => vfIntoNamespace(vm.namespace, addresses[vm.vf]!, ...settingsOf(vm))).join('\n')}
    link=$(basename $(dirname $(grep -l ${outside.mac} /sys/class/net/*/address)))
    ${intoNamespace(outside.namespace, '$link', `address add ${outside.address}/24 dev eth0`)}
    ip netns exec ${outside.namespace} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'`);
  await routesOutside(guest, { red: uplinkAddress.red, blue: uplinkAddress.red });
  await linksAre(guest, 'up', ...machines);
}

/** Which switch the host outside sends to for each tenant's network. */
export const routesOutside = (guest: Guest, via: { red: string; blue: string }): Promise<string> =>
  guest.shell(`ip -n ${outside.namespace} -batch - <<END
route replace 10.1.0.0/24 via ${via.red}
route replace 10.2.0.0/24 via ${via.blue}
END`);

/** Waits until the kernels of machines say that their links are so. */
export const linksAre = (guest: Guest, state: 'up' | 'down', ...machines: readonly { namespace: string }[]): Promise<string> =>
  guest.shell(
    machines
      .map(
        ({ namespace }) => `
    for i in $(seq 100); do
      ip -n ${namespace} -o link show eth0 | grep -q ${state === 'up' ? ',LOWER_UP' : 'NO-CARRIER'} && break
      [ $i != 100 ] || { echo the link of ${namespace} is not ${state} >&2; exit 1; }
      sleep 0.2
    done`,
      )
      .join(''),
  );
