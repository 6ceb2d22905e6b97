/** A tenant's ports, networks and VMs, and the switch's uplinks; addresses as text. */
export interface PluginTopology {
  /** The tenant's own gateway ports. */
  readonly ports: readonly PluginPort[];
  readonly uplinks: readonly PluginPort[];
  readonly networks: readonly { readonly prefix: string; readonly gateway: string }[];
  readonly vms: readonly PluginVm[];
  /** The switch's own addresses on the uplink, and where its packets go; undefined where the config has none. */
  readonly uplink: { readonly port: string; readonly addresses: readonly string[]; readonly nextHopMac: string } | undefined;
}

export interface PluginPort {
  readonly number: number;
  readonly name: string;
  /** Undefined until the device says. */
  readonly mac: string | undefined;
  /** Whether its device is there. */
  readonly open: boolean;
}

export interface PluginVm {
  readonly name: string;
  readonly port: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}
