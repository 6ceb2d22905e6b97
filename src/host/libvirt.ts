import type { PlannedVf } from './plan.js';

/**
 * The interface of a domain that is this VF. libvirt sets MAC address and VLAN on the PF when the domain starts; without <vlan> it would
 * take the port VLAN away (virNetDevSetNetConfig). Not managed: the VF is bound to vfio-pci once, and no driver of the host gets it back.
 * @param source the VF's PCI address as attributes.
 */
export const interfaceXml = ({ mac, vlan, guest }: PlannedVf, source: string): string =>
  [
    "<interface type='hostdev' managed='no'>",
    `  <mac address='${mac}'/>`,
    '  <source>',
    `    <address type='pci' ${source}/>`,
    '  </source>',
    '  <vlan>',
    `    <tag id='${vlan}'/>`,
    '  </vlan>',
    ...(guest === undefined ? [] : [`  <address type='pci' ${pciAttributes(guest)}/>`]),
    '</interface>',
  ].join('\n');

/** `0000:3b:02.1` as libvirt writes it. */
export function pciAttributes(address: string): string {
  const [domain, bus, slot, fn] = address.split(/[:.]/);
  return `domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'`;
}

/** The name of the file that an interface is written to. */
export const interfaceFile = ({ domain, vf }: PlannedVf): string => `${domain}.vf${vf}.xml`;
