/** The VLAN of In/Out VFs; the wire has it tagged. */
export const uplinkVlan = 100;

/** A VF: the place that the layout gives it, and what the NIC was told of it. */
export interface Vf {
  readonly mac: string;
  /** The port VLAN, which the NIC puts on and takes off (VST). */
  readonly vlan: number;
}

export interface TenantVm {
  /** Of the network namespace that stands for the VM; its interface is eth0. */
  readonly namespace: string;
  readonly vf: number;
  readonly address: string;
  readonly gateway: string;
}

export const vlanOf = { red: 101, blue: 102 } as const;

const vf = (number: number, vlan: number): Vf => ({ mac: `02:00:00:00:02:0${number}`, vlan });

/** All VFs of the NIC, by number: for each vswitch-VM an In/Out VF and a Gw VF, and the tenants' T VFs. */
export const vfs: readonly Vf[] = [
  vf(0, uplinkVlan),
  vf(1, vlanOf.red),
  vf(2, vlanOf.red),
  vf(3, vlanOf.red),
  vf(4, uplinkVlan),
  vf(5, vlanOf.blue),
  vf(6, vlanOf.blue),
];

/** Numbers of the VFs of a vswitch-VM that serves one tenant. */
export const vswitchVfs = { red: { uplink: 0, gw: 1 }, blue: { uplink: 4, gw: 5 } } as const;

export const vms = {
  red1: { namespace: 'red1', vf: 2, address: '10.1.0.11', gateway: '10.1.0.1' },
  red2: { namespace: 'red2', vf: 3, address: '10.1.0.12', gateway: '10.1.0.1' },
  blue1: { namespace: 'blue1', vf: 6, address: '10.2.0.11', gateway: '10.2.0.1' },
} as const satisfies Record<string, TenantVm>;

/** A host on the wire, which is the uplinks' next hop. */
export const outside = { namespace: 'outside', mac: '02:00:00:00:01:02', address: '192.0.2.2' } as const;

/** The switches' own addresses on the wire. */
export const uplinkAddress = { red: '192.0.2.1', blue: '192.0.2.3' } as const;

export const macOf = (number: number): string => vfs[number]!.mac;
