import { VswitchError, type Fault } from '../model/errors.js';
import { guestAddress, guestFaults } from './guest.js';
import { at, layoutOf, sitesOf, type LayoutOptions, type Site, type Source, type WantedVf } from './layout.js';
import { mediationFaults } from './mediation.js';
import { numberVfs, type EarlierNumbers } from './numbers.js';
import type { Pf } from './pf.js';

export interface PlanOptions extends LayoutOptions {
  /** Of every VF: `auto` follows the wire, with `enable` VFs reach each other without one. */
  readonly linkState: 'auto' | 'enable';
  /** Of each tenant's VM, in Mbit/s; 0 is none. */
  readonly maxTxRate: number;
  /** Memory of each vswitch-VM in MiB, all of it in hugepages. */
  readonly vmMemory: number;
}

export const defaultPlanOptions: PlanOptions = {
  uplinkVlan: 3000,
  anyType: false,
  linkState: 'auto',
  maxTxRate: 0,
  vmMemory: 1024,
};

/** A VF as it is to be. */
export interface PlannedVf extends WantedVf {
  readonly vf: number;
  /** On the host; unknown where the PF's VFs are. */
  readonly address?: string;
  /** In the domain, where the config says it. */
  readonly guest?: string;
  readonly spoofchk: true;
  readonly trust: false;
  readonly linkState: 'auto' | 'enable';
  /** Mbit/s; 0 is no limit. */
  readonly maxTxRate: number;
}

export interface HostPlan {
  readonly pf: Pf;
  readonly uplinkVlan: number;
  /** One more than the highest number. */
  readonly numVfs: number;
  /** By their numbers. */
  readonly vfs: readonly PlannedVf[];
  /** Of 2 MiB, for the vswitch-VMs. */
  readonly hugepages: number;
  /** The vswitch-VMs. */
  readonly switches: readonly string[];
}

/** DPDK's own memory is part of the VM's; the rest runs Linux and Node.js. */
const systemMib = 512;
const hugepageMib = 2;

/**
 * What a host with this PF has to be told for these switches.
 * @throws VswitchError LAYOUT_REFUSED with every reason.
 */
export function planHost(
  sources: readonly Source[],
  pf: Pf,
  options: PlanOptions,
  earlier: EarlierNumbers = new Map(),
): HostPlan {
  const sites = sitesOf(sources);
  const { vfs, faults } = layoutOf(sites, options);
  const { numbers, faults: numberFaults } = numberVfs(vfs, pf, earlier);
  const all = [
    ...faults,
    ...mediationFaults(sites, options.uplinkVlan),
    ...pfMacFaults(vfs, pf),
    ...numberFaults,
    ...guestFaults(vfs, pf),
    ...memoryFaults(sites, options),
  ];
  if (all.length > 0) throw new VswitchError('LAYOUT_REFUSED', `${pf.name} cannot have this layout: ${countOf(all)}`, all);
  const planned = vfs.map((vf): PlannedVf => {
    const number = numbers.get(vf.id) ?? 0;
    const address = pf.vfAddresses?.[number];
    const guest = guestAddress(vf, pf);
    return {
      ...vf,
      vf: number,
      ...(address === undefined ? {} : { address }),
      ...(guest === undefined ? {} : { guest }),
      spoofchk: true,
      trust: false,
      linkState: options.linkState,
      maxTxRate: vf.role === 'tenant' ? options.maxTxRate : 0,
    };
  });
  planned.sort((a, b) => a.vf - b.vf);
  return {
    pf,
    uplinkVlan: options.uplinkVlan,
    numVfs: (planned.at(-1)?.vf ?? -1) + 1,
    vfs: planned,
    hugepages: Math.ceil((sites.length * options.vmMemory) / hugepageMib),
    switches: sites.map(({ name }) => name),
  };
}

const countOf = (faults: readonly Fault[]): string => (faults.length === 1 ? 'a fault' : `${faults.length} faults`);

const pfMacFaults = (vfs: readonly WantedVf[], { name, mac }: Pf): Fault[] =>
  vfs
    .filter((vf) => vf.mac === mac?.toLowerCase())
    .map(({ place, mac: value }) => {
      const message = `is the MAC address of ${name} itself: the NIC would not know whose a frame is`;
      return { pointer: `${place}/mac`, value, message, remedy: 'give the VF its own' };
    });

const memoryFaults = (sites: readonly Site[], { vmMemory }: PlanOptions): Fault[] =>
  sites.flatMap((site): Fault[] => {
    const { mib } = site;
    if (mib + systemMib <= vmMemory) return [];
    const message = `a vswitch-VM of ${vmMemory} MiB has ${systemMib} MiB for its system, and no ${mib} MiB for packets`;
    return [{ pointer: at(site, '/memory/mib'), value: mib, message, remedy: `give --vm-memory ${mib + systemMib} or more` }];
  });
