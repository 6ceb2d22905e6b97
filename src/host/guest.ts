import type { Fault } from '../model/errors.js';
import type { WantedVf } from './layout.js';
import type { Pf } from './pf.js';

/**
 * Interfaces that a domain takes. On machine q35 libvirt gives each a pcie-root-port, of which 8 fit into a slot of bus 0; it refuses the
 * 238th of a domain that has nothing else ("a PCI slot is needed to connect a PCI controller", libvirt 9.0). The rest is for disks
 * and consoles.
 */
export const maxInterfaces = 200;

/** Where the domain sees the VF: the `address` of a `pci` port that is none of the PF's VFs, where libvirt can place a device there. */
export function guestAddress({ given }: WantedVf, pf: Pf): string | undefined {
  if (given === undefined || pf.vfAddresses?.includes(given)) return undefined;
  return placeable(given) ? given : undefined;
}

/**
 * Machine q35 as libvirt builds it: devices on bus 0, whose first slot is the host bridge's and whose last one the chipset's, or each
 * behind a root port, as slot 0 of the port's bus. Other functions than 0 are not found without a function 0.
 */
function placeable(address: string): boolean {
  const [domain, bus, rest] = address.split(':');
  const [slot, fn] = (rest ?? '').split('.');
  if (domain !== '0000' || fn !== '0') return false;
  const at = { bus: parseInt(bus ?? '', 16), slot: parseInt(slot ?? '', 16) };
  return at.bus === 0 ? at.slot >= 1 && at.slot < 0x1f : at.slot === 0 && at.bus <= maxInterfaces;
}

/** What libvirt would refuse. */
export function guestFaults(vfs: readonly WantedVf[], pf: Pf): Fault[] {
  const { vfAddresses } = pf;
  // Where nobody knows the VFs' addresses, any may be one of them.
  const unplaced =
    vfAddresses === undefined
      ? []
      : vfs.filter(({ given }) => given !== undefined && !vfAddresses.includes(given) && !placeable(given));
  const faults = unplaced.map(({ given, place }): Fault => {
    const message = `is no VF of ${pf.name} (those are ${vfAddresses?.[0]} to ${vfAddresses?.at(-1)}), nor where libvirt puts a device in a VM`;
    const remedy = 'give the address in the VM, 0000:01:00.0 with any bus from 01 on, or that of a VF';
    return { pointer: `${place}/address`, value: given, message, remedy };
  });
  const byDomain = new Map<string, WantedVf[]>();
  for (const vf of vfs) byDomain.set(vf.domain, [...(byDomain.get(vf.domain) ?? []), vf]);
  for (const [domain, own] of byDomain) {
    const beyond = own[maxInterfaces];
    if (!beyond) continue;
    const message = `domain ${domain} would have ${own.length} interfaces, and libvirt takes ${maxInterfaces}`;
    faults.push({ pointer: beyond.place, value: own.length, message, remedy: 'give some tenants a switch of their own' });
  }
  return faults;
}
