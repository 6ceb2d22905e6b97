import type { Fault } from '../model/errors.js';
import type { WantedVf } from './layout.js';
import type { Pf } from './pf.js';

/** Numbers that VFs had in an earlier plan, by their ids. */
export type EarlierNumbers = ReadonlyMap<string, number>;

/**
 * Which VF is whose. A `pci` port whose address is one of the PF's VFs has that one; what an earlier plan had keeps its number; the
 * others get the lowest numbers that are free, in the order of the layout.
 */
export function numberVfs(
  vfs: readonly WantedVf[],
  pf: Pf,
  earlier: EarlierNumbers,
): { numbers: ReadonlyMap<string, number>; faults: Fault[] } {
  const faults: Fault[] = [];
  const taken = new Map<number, WantedVf>();
  const numbers = new Map<string, number>();
  const take = (vf: WantedVf, number: number): void => {
    taken.set(number, vf);
    numbers.set(vf.id, number);
  };
  for (const vf of vfs) {
    const number = vf.given === undefined ? -1 : (pf.vfAddresses?.indexOf(vf.given) ?? -1);
    if (number < 0) continue;
    const before = taken.get(number);
    if (before === undefined) take(vf, number);
    else
      faults.push({
        pointer: `${vf.place}/address`,
        value: vf.given,
        message: `VF ${number} of ${pf.name} is one port’s: this one is at ${before.place} already`,
        remedy: 'give each port a VF of its own',
      });
  }
  for (const vf of vfs) {
    const number = earlier.get(vf.id);
    if (number !== undefined && !numbers.has(vf.id) && !taken.has(number)) take(vf, number);
  }
  let next = 0;
  for (const vf of vfs) {
    if (numbers.has(vf.id)) continue;
    while (taken.has(next)) next++;
    take(vf, next);
  }
  return { numbers, faults: [...faults, ...tooMany(vfs, numbers, pf)] };
}

/** VFs whose numbers the PF cannot have: the first of them stands for all. */
function tooMany(vfs: readonly WantedVf[], numbers: ReadonlyMap<string, number>, { name, totalVfs }: Pf): Fault[] {
  if (totalVfs === undefined) return [];
  const beyond = vfs.filter(({ id }) => (numbers.get(id) ?? 0) >= totalVfs);
  const [first] = beyond;
  if (!first) return [];
  const count = (role: WantedVf['role']): number => vfs.filter((vf) => vf.role === role).length;
  const message =
    `${name} has at most ${totalVfs} VFs (sriov_totalvfs), and ${vfs.length} are asked for: ` +
    `${count('uplink')} In/Out, ${count('gw')} Gw, ${count('tenant')} of tenants' VMs`;
  const remedy = 'put VMs behind another PF, or raise the number in the firmware of the NIC where it can be';
  return [{ pointer: first.place, value: vfs.length, message, remedy }];
}
