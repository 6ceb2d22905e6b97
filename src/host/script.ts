import { interfaceXml, pciAttributes } from './libvirt.js';
import type { HostPlan, PlannedVf } from './plan.js';

/**
 * A plan as a shell script (POSIX), to be run as root on the host. Run again it changes nothing that is as it should be, and never
 * takes VFs away. Everything in it that came from outside has a form without blanks and quotes.
 */
export const scriptOf = (plan: HostPlan): string =>
  [heading(plan), vfs(plan), settings(plan), binding(plan), hugepages(plan), domains(plan)].join('\n\n');

function heading({ pf, numVfs, vfs: all, switches }: HostPlan): string {
  const rows = [
    ['VF', 'ROLE', 'DOMAIN', 'PORT', 'MAC', 'VLAN', 'PCI ADDRESS', 'IN THE VM'],
    ...all.map((vf) => [vf.vf, vf.role, vf.domain, vf.port, vf.mac, vf.vlan, vf.address ?? '-', vf.guest ?? '-'].map(String)),
  ];
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const lines = rows.map((row) => `#   ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
  return [
    '#!/bin/sh',
    `# ${numVfs} VFs of ${pf.name} for ${switches.join(', ')}. Run it as root, after each boot and before the VMs start.`,
    '#',
    ...lines,
    'set -eu',
    `pf=${pf.name}`,
    'device=/sys/class/net/$pf/device',
  ].join('\n');
}

const vfs = ({ numVfs }: HostPlan): string => `\
# The VFs, made while the PF is down (igb's would stay in reset), and without drivers of the host.
[ "$(cat $device/sriov_totalvfs)" -ge ${numVfs} ] || { echo "$pf cannot have ${numVfs} VFs" >&2; exit 1; }
echo 0 >$device/sriov_drivers_autoprobe
if [ "$(cat $device/sriov_numvfs)" -ne ${numVfs} ]; then
  [ "$(cat $device/sriov_numvfs)" -eq 0 ] || {
    echo "$pf has other VFs: shut down the VMs that use them, then echo 0 >$device/sriov_numvfs" >&2; exit 1; }
  ip link set $pf down
  echo ${numVfs} >$device/sriov_numvfs
fi`;

function settings({ pf, vfs: all }: HostPlan): string {
  const limited = all.filter(({ maxTxRate }) => maxTxRate > 0);
  const [first] = all;
  return [
    '# MAC address, port VLAN and checks of each, before anybody has it.',
    ...all.map((vf) => identityCommand(pf.name, vf)),
    ...(first?.linkState === 'auto'
      ? ['# What the driver (igb) refuses here is auto.', ...all.map((vf) => `${stateCommand(pf.name, vf)} 2>/dev/null || :`)]
      : all.map((vf) => stateCommand(pf.name, vf))),
    'ip link set $pf up',
    ...(limited.length === 0
      ? []
      : [
          '# Limits need the speed of the link.',
          'for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(cat /sys/class/net/$pf/carrier)" = 1 ] && break; sleep 1; done',
          ...limited.map((vf) => rateCommand(pf.name, vf)),
        ]),
  ].join('\n');
}

/** @param number of the VF */
export const vfCommand = (pf: string, number: number, words: string): string => `ip link set ${pf} vf ${number} ${words}`;

const onOff = (value: boolean): string => (value ? 'on' : 'off');

const identityCommand = (pf: string, { vf, mac, vlan, spoofchk, trust }: PlannedVf): string =>
  vfCommand(pf, vf, `mac ${mac} vlan ${vlan} spoofchk ${onOff(spoofchk)} trust ${onOff(trust)}`);

const stateCommand = (pf: string, { vf, linkState }: PlannedVf): string => vfCommand(pf, vf, `state ${linkState}`);

const rateCommand = (pf: string, { vf, maxTxRate }: PlannedVf): string => vfCommand(pf, vf, `max_tx_rate ${maxTxRate}`);

const numbersOf = (plan: HostPlan): string => plan.vfs.map(({ vf }) => vf).join(' ');

const binding = (plan: HostPlan): string => `\
# Every VF to vfio-pci; which needs an IOMMU.
modprobe vfio-pci
for vf in ${numbersOf(plan)}; do
  vfdir=$(readlink -f $device/virtfn$vf)
  [ -e $vfdir/iommu_group ] || { echo "VF $vf has no IOMMU group: boot with intel_iommu=on or amd_iommu=on" >&2; exit 1; }
  echo vfio-pci >$vfdir/driver_override
  [ "$(basename "$(readlink -f $vfdir/driver)")" = vfio-pci ] && continue
  [ ! -e $vfdir/driver ] || echo "\${vfdir##*/}" >$vfdir/driver/unbind
  echo "\${vfdir##*/}" >/sys/bus/pci/drivers_probe
done`;

function hugepages({ pf, hugepages: pages, switches }: HostPlan): string {
  const node = pf.numaNode === undefined ? '/sys/kernel/mm' : `/sys/devices/system/node/node${pf.numaNode}`;
  return `\
# Hugepages of 2 MiB for ${switches.length === 1 ? 'the vswitch-VM' : `${switches.length} vswitch-VMs`}, beside what others use${pf.numaNode === undefined ? '' : `, on the PF's NUMA node`}.
pages=${node}/hugepages/hugepages-2048kB/nr_hugepages
[ "$(cat $pages)" -ge ${pages} ] || echo ${pages} >$pages
[ "$(cat $pages)" -ge ${pages} ] || { echo "no ${pages} hugepages: reserve them at boot, hugepages=${pages}" >&2; exit 1; }`;
}

/** VFs whose addresses are not known are looked up when the script runs. */
function domains(plan: HostPlan): string {
  const lookUp = `\
source_of() { # a VF's number; its PCI address as libvirt writes it
  basename "$(readlink $device/virtfn$1)" | sed "s/\\(.*\\):\\(.*\\):\\(.*\\)[.]\\(.*\\)/domain='0x\\1' bus='0x\\2' slot='0x\\3' function='0x\\4'/"
}`;
  return [
    '# The interfaces of the VMs, which take effect when these start. Without <vlan> libvirt would take the port VLAN away.',
    ...(plan.vfs.some(({ address }) => address === undefined) ? [lookUp] : []),
    `\
attach() { # a domain and a MAC address; the interface is on standard input
  virsh detach-interface "$1" hostdev --mac "$2" --config </dev/null >/dev/null 2>&1 || :
  virsh attach-device "$1" /dev/stdin --config
}`,
    ...plan.vfs.map((vf) => {
      const source = vf.address === undefined ? `$(source_of ${vf.vf})` : pciAttributes(vf.address);
      return `attach ${vf.domain} ${vf.mac} <<XML\n${interfaceXml(vf, source)}\nXML`;
    }),
  ].join('\n');
}
