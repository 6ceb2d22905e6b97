import type { VswitchConfig } from '../../src/config/schema.js';
import { defaultPlanOptions, planHost, type HostPlan, type PlanOptions } from '../../src/host/plan.js';
import type { EarlierNumbers } from '../../src/host/numbers.js';
import type { Link, Pf } from '../../src/host/pf.js';
import type { Source } from '../../src/host/layout.js';
import { VswitchError, type Fault } from '../../src/model/errors.js';

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** Tenant number `n` of a config, with one Gw port and so many VMs behind it. */
export interface TenantShape {
  readonly n: number;
  readonly vms: number;
}

/** A switch's config with an In/Out port and these tenants; tenant `n` has VLAN 100 + n. */
export function switchConfig(name: string, index: number, tenants: readonly TenantShape[]): VswitchConfig {
  const ports: VswitchConfig['ports'] = {
    inout: { type: 'pci', address: '0000:10:00.0', role: 'uplink', mac: `02:00:00:00:${hex(index)}:01` },
  };
  const all: NonNullable<VswitchConfig['tenants']> = {};
  for (const [i, { n, vms }] of tenants.entries()) {
    const port = `gw${n}`;
    const bus = hex(0x11 + i);
    ports[port] = { type: 'pci', address: `0000:${bus}:00.0`, tenant: `t${n}`, mac: `02:00:00:01:${hex(n)}:00` };
    all[`t${n}`] = {
      networks: [{ prefix: `10.${n}.0.0/24`, gateway: `10.${n}.0.1`, vlan: 100 + n }],
      vms: Object.fromEntries(
        Array.from({ length: vms }, (_, vm) => [
          `vm${vm + 1}`,
          { port, mac: `02:00:00:02:${hex(n)}:${hex(vm)}`, addresses: [`10.${n}.0.${vm + 11}`] },
        ]),
      ),
    };
  }
  return {
    name,
    workers: { cores: [1] },
    ports,
    uplink: { port: 'inout', addresses: [`192.0.2.${index + 1}`], nextHopMac: '02:00:00:00:ff:ff' },
    tenants: all,
  };
}

export const sourceOf = (config: VswitchConfig): Source => ({ file: `${config.name}.config.ts`, config });

/** A PF with 63 VFs, at the addresses that ixgbe's have. */
export const pf: Pf = {
  name: 'enp1s0',
  mac: '02:00:00:00:00:f0',
  totalVfs: 63,
  vfAddresses: Array.from({ length: 63 }, (_, vf) => `0000:01:${hex(0x10 + (vf >> 2))}.${(vf % 4) * 2}`),
};

export const plan = (
  configs: readonly VswitchConfig[],
  options: Partial<PlanOptions> = {},
  of: Pf = pf,
  earlier?: EarlierNumbers,
): HostPlan => planHost(configs.map(sourceOf), of, { ...defaultPlanOptions, ...options }, earlier);

/** Why a layout is refused; none where it is not. */
export function refusal(configs: readonly VswitchConfig[], options: Partial<PlanOptions> = {}, of: Pf = pf): readonly Fault[] {
  try {
    plan(configs, options, of);
    return [];
  } catch (error) {
    if (error instanceof VswitchError && error.code === 'LAYOUT_REFUSED') return error.faults;
    throw error;
  }
}

/** The state that a plan's commands make, as `ip -j -d link show dev PF` of iproute2 6.1 prints it. */
export const stateOf = ({ pf: { name, mac }, vfs, numVfs }: HostPlan): Link => ({
  ifname: name,
  ...(mac === undefined ? {} : { address: mac }),
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  vfinfo_list: Array.from({ length: numVfs }, (_, number) => {
    const vf = vfs.find((one) => one.vf === number);
    return {
      vf: number,
      link_type: 'ether',
      address: vf?.mac ?? '00:00:00:00:00:00',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      vlan_list: [vf === undefined ? {} : { vlan: vf.vlan }],
      rate: { max_tx: vf?.maxTxRate ?? 0, min_tx: 0 },
      spoofchk: true,
      link_state: vf?.linkState ?? 'auto',
      trust: false,
      query_rss_en: false,
    };
  }),
});
