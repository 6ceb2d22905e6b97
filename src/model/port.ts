import type { IpAddress } from './address.js';
import type { PortName, PortNumber, TenantName } from './ids.js';

/** How a port reaches the world; see docs/ports.md for what each needs. */
export const portTypes = [
  'pci',
  'af_xdp',
  'af_packet',
  'tap',
  'memif',
  'virtio_user',
  'vhost_user',
  'ring',
  'pcap',
  'null',
] as const;
export type PortType = (typeof portTypes)[number];

/** Uplink: In/Out VF towards the wire. Gw: a tenant's gateway VF. */
export type PortRole = { readonly kind: 'uplink' } | { readonly kind: 'gw'; readonly tenant: TenantName };

/** A router's address on a port, and how many of its bits are the network's. */
export interface PortGateway {
  readonly address: IpAddress;
  readonly length: number;
}

/** What a port answers by itself. */
export interface PortReplies {
  readonly gateways: readonly PortGateway[];
  /** Of each worker to a tenant; 0: no limit. */
  readonly perSecond: number;
}

/** The steps of starting a port, in order; an error names the one that failed. */
export type PortStep = 'preflight' | 'probe' | 'configure' | 'mtu' | 'rx_queue' | 'tx_queue' | 'mac' | 'start' | 'attach';

/** A started port, as its device reports it. */
export interface PortInfo {
  readonly number: PortNumber;
  readonly name: PortName;
  readonly type: PortType;
  readonly role: PortRole;
  /** DPDK's driver name, for example `net_af_packet`. */
  readonly driver: string;
  readonly mac: string;
  /** Largest layer-3 packet in bytes. */
  readonly mtu: number;
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly offloads: { readonly rx: readonly string[]; readonly tx: readonly string[] };
}

export interface PortLink {
  readonly up: boolean;
  /** Mbit/s; 0 where the device does not say. */
  readonly speedMbps: number;
  readonly fullDuplex: boolean;
}

/** What the device counts, per queue where it can (rte_eth_stats). */
export interface PortDeviceCounters {
  readonly rxMissed: bigint;
  readonly rxErrors: bigint;
  readonly rxNoMbuf: bigint;
  readonly txErrors: bigint;
  readonly queues: readonly {
    readonly rxPackets: bigint;
    readonly rxBytes: bigint;
    readonly txPackets: bigint;
    readonly txBytes: bigint;
  }[];
}
