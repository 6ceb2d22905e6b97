import type { HostPlan, PlannedVf } from './plan.js';
import type { Link, VfInfo } from './pf.js';
import { vfCommand } from './script.js';

/** One thing that is not as it was planned. */
export interface Difference {
  /** Undefined: of the PF itself. */
  readonly vf?: number;
  /** Whose the VF is. */
  readonly owner?: string;
  readonly property: 'vf' | 'mac' | 'vlan' | 'spoofchk' | 'trust' | 'link_state' | 'max_tx_rate' | 'state';
  readonly planned: string;
  readonly found: string;
  /** What mends it. */
  readonly command: string;
}

/** Everything in which the state of a PF differs from its plan; the commands mend it while VMs run, but for VFs that are too many or few. */
export function differences(plan: HostPlan, link: Link): Difference[] {
  const pf = plan.pf.name;
  const there = new Map((link.vfinfo_list ?? []).map((info) => [info.vf, info]));
  const planned = new Map(plan.vfs.map((vf) => [vf.vf, vf]));
  const remake =
    (there.size === 0 ? '' : `echo 0 >/sys/class/net/${pf}/device/sriov_numvfs, with no VM on its VFs; then `) +
    'run what `vswitch host plan` prints';
  const up = link.flags?.includes('UP') ?? true;
  return [
    ...(up ? [] : [{ property: 'state', planned: 'up', found: 'down', command: `ip link set ${pf} up` } as const]),
    ...plan.vfs.flatMap((vf) => {
      const info = there.get(vf.vf);
      return info
        ? ofVf(pf, vf, info)
        : [{ vf: vf.vf, owner: ownerOf(vf), property: 'vf', planned: 'there', found: 'missing', command: remake } as const];
    }),
    ...[...there.values()]
      .filter(({ vf }) => !planned.has(vf))
      .filter((info) => info.vf >= plan.numVfs || vlanOf(info) !== noVlan)
      .map(({ vf }) => ({ vf, property: 'vf', planned: 'none', found: 'there', command: remake }) as const),
  ];
}

const noVlan = 'none';

/** The VLAN for people; a plan's is a number alone. */
function vlanOf({ vlan_list: list, vlan, qos }: VfInfo): string {
  const tags = (list ?? [{ vlan, qos, protocol: undefined }]).flatMap((tag) => {
    if ((tag.vlan ?? 0) === 0) return [];
    const priority = (tag.qos ?? 0) === 0 ? '' : ` qos ${tag.qos}`;
    return [`${tag.vlan}${priority}${tag.protocol === undefined ? '' : ` ${tag.protocol}`}`];
  });
  return tags.join(' and ') || noVlan;
}

const onOff = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : value ? 'on' : 'off');

function ofVf(pf: string, vf: PlannedVf, info: VfInfo): Difference[] {
  const compare = (property: Difference['property'], planned: string, found: string | undefined, words: string): Difference[] =>
    found === planned
      ? []
      : [
          {
            vf: vf.vf,
            owner: ownerOf(vf),
            property,
            planned,
            found: found ?? 'not told by the driver',
            command: vfCommand(pf, vf.vf, words),
          },
        ];
  return [
    ...compare('mac', vf.mac, (info.address ?? info.mac)?.toLowerCase(), `mac ${vf.mac}`),
    ...compare('vlan', String(vf.vlan), vlanOf(info), `vlan ${vf.vlan}`),
    ...compare('spoofchk', 'on', onOff(info.spoofchk), 'spoofchk on'),
    // A driver that does not tell has no trust to give.
    ...compare('trust', 'off', onOff(info.trust ?? false), 'trust off'),
    ...compare('link_state', vf.linkState, info.link_state ?? 'auto', `state ${vf.linkState}`),
    ...compare('max_tx_rate', String(vf.maxTxRate), String(info.rate?.max_tx ?? 0), `max_tx_rate ${vf.maxTxRate}`),
  ];
}

const ownerOf = ({ role, port, domain }: PlannedVf): string =>
  role === 'tenant' ? `of VM ${domain}` : `${role === 'uplink' ? 'In/Out' : 'Gw'} ${port} of ${domain}`;

/** A difference on one line. */
export function differenceLine(pf: string, { vf, owner, property, planned, found, command }: Difference): string {
  const who = vf === undefined ? pf : `VF ${vf}${owner === undefined ? '' : `, ${owner}`}`;
  return `${who}: ${property} planned ${planned}, found ${found}; ${command}`;
}
