import { Type, type Static } from 'typebox';
import { VswitchError, type Fault } from '../model/errors.js';
import { schemaFaults } from '../config/schema-faults.js';

/** A PF, as far as it is known. */
export interface Pf {
  /** Its network interface. */
  readonly name: string;
  readonly mac?: string;
  /** The most VFs that it can have (`sriov_totalvfs`). */
  readonly totalVfs?: number;
  /** Undefined where the machine has one NUMA node, or does not say. */
  readonly numaNode?: number;
  /** PCI addresses of its VFs, also of those that are not made yet; VF 0 first. */
  readonly vfAddresses?: readonly string[];
}

/** A VF in `ip -j link`: what iproute2 6.1 prints (print_vfinfo in ip/ipaddress.c). Before 5.0 the MAC was `mac`, the VLAN not in a list. */
const vfInfoSchema = Type.Object({
  vf: Type.Integer(),
  address: Type.Optional(Type.String()),
  mac: Type.Optional(Type.String()),
  vlan_list: Type.Optional(
    Type.Array(
      Type.Object({
        vlan: Type.Optional(Type.Integer()),
        qos: Type.Optional(Type.Integer()),
        protocol: Type.Optional(Type.String()),
      }),
    ),
  ),
  vlan: Type.Optional(Type.Integer()),
  qos: Type.Optional(Type.Integer()),
  rate: Type.Optional(Type.Object({ max_tx: Type.Optional(Type.Integer()), min_tx: Type.Optional(Type.Integer()) })),
  /** Left out where the driver does not say. */
  spoofchk: Type.Optional(Type.Boolean()),
  trust: Type.Optional(Type.Boolean()),
  link_state: Type.Optional(Type.String()),
});
const linkSchema = Type.Object({
  ifname: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  flags: Type.Optional(Type.Array(Type.String())),
  vfinfo_list: Type.Optional(Type.Array(vfInfoSchema)),
});
const linksSchema = Type.Array(linkSchema);

export type VfInfo = Static<typeof vfInfoSchema>;
/** A device in the output of `ip -j -d link show dev PF`. */
export type Link = Static<typeof linkSchema>;

/**
 * The PF in what `ip -j link` printed.
 * @param name of the PF; without it, the only device that is there.
 * @throws VswitchError HOST_UNREADABLE
 */
export function linkOf(text: string, where: string, name: string | undefined): Link & { readonly ifname: string } {
  const links = parse(text, where);
  const named = links.flatMap((link) => (link.ifname === undefined ? [] : [{ ...link, ifname: link.ifname }]));
  const found = name === undefined ? (named.length === 1 ? named[0] : undefined) : named.find(({ ifname }) => ifname === name);
  if (found) return found;
  const there = named.map(({ ifname }) => ifname).join(', ') || 'none';
  throw unreadable(
    where,
    name === undefined ? `has ${named.length} devices` : `has no device ${name}`,
    `name the PF by --pf; there is ${there}`,
  );
}

function parse(text: string, where: string): Static<typeof linksSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(where, `is not JSON: ${reasonOf(error)}`, 'record it by `ip -j -d link show dev PF`');
  }
  const faults = schemaFaults(linksSchema, value);
  if (faults.length > 0)
    throw new VswitchError('HOST_UNREADABLE', `${where} is not what \`ip -j link\` prints`, placed(where, faults));
  return value as Static<typeof linksSchema>;
}

const placed = (where: string, faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, pointer: `${where}#${fault.pointer}` }));

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function unreadable(where: string, message: string, remedy: string): VswitchError {
  return new VswitchError('HOST_UNREADABLE', `${where} ${message}`, [{ pointer: where, message, remedy }]);
}

/** What is in the folder `/sys/class/net/PF/device`, or in a copy of it. */
export interface PfFolder {
  /** A file's text; undefined where it is not there. */
  read(file: string): string | undefined;
  /** Where a symbolic link leads. */
  target(link: string): string | undefined;
}

/**
 * A PF's VFs as sysfs has them (Documentation/ABI/testing/sysfs-bus-pci). VFs that are made have links; the addresses of the others
 * follow from the PF's, by First VF Offset and VF Stride (PCI Express Base Specification, SR-IOV).
 */
export function pfOfFolder(folder: PfFolder): Pick<Pf, 'totalVfs' | 'numaNode' | 'vfAddresses'> {
  const number = (file: string): number | undefined => {
    const text = folder.read(file)?.trim();
    return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
  };
  const totalVfs = number('sriov_totalvfs');
  const node = number('numa_node') ?? -1;
  const [offset = 0, stride = 0] = [number('sriov_offset'), number('sriov_stride')];
  const own = /^PCI_SLOT_NAME=(\S+)$/m.exec(folder.read('uevent') ?? '')?.[1];
  const addresses: string[] = [];
  for (let vf = 0; vf < (totalVfs ?? 0); vf++) {
    const linked = folder.target(`virtfn${vf}`)?.split('/').at(-1);
    const address = linked ?? (own !== undefined && offset > 0 ? addressAfter(own, offset + vf * stride) : undefined);
    if (address === undefined) break;
    addresses.push(address);
  }
  return {
    ...(totalVfs === undefined ? {} : { totalVfs }),
    ...(node < 0 ? {} : { numaNode: node }),
    ...(addresses.length === 0 ? {} : { vfAddresses: addresses }),
  };
}

/** The PCI address so many routing IDs later: 8 bits of bus, 5 of device, 3 of function. */
function addressAfter(address: string, ids: number): string | undefined {
  const [, domain, bus, device, fn] = /^([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(address) ?? [];
  if (domain === undefined) return undefined;
  const id = parseInt(`${bus}`, 16) * 256 + parseInt(`${device}`, 16) * 8 + Number(fn) + ids;
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return id > 0xffff ? undefined : `${domain}:${hex(id >> 8)}:${hex((id >> 3) & 31)}.${id & 7}`;
}
