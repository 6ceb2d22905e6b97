import type { PortConfig } from '../config/schema.js';

/**
 * A port's DPDK device: a PCI address, or a virtual device with its arguments (DPDK 22.11, "Network Interface Controller
 * Drivers"). The number makes virtual devices' names unique in the process. Strings come from the schema, which lets no comma,
 * equals sign or space through, so that no argument can be smuggled in.
 */
export function devargs(config: PortConfig, number: number, txQueues: number): string {
  const rxQueues = config.rxQueues ?? 1;
  const join = (driver: string, ...args: (string | false | undefined)[]): string =>
    [driver + String(number), ...args.filter((a) => a)].join(',');
  switch (config.type) {
    case 'pci':
      return config.address;
    case 'af_xdp':
      return join(
        'net_af_xdp',
        `iface=${config.interface}`,
        `start_queue=${config.startQueue ?? 0}`,
        `queue_count=${Math.max(rxQueues, txQueues)}`,
      );
    case 'af_packet':
      return join(
        'net_af_packet',
        `iface=${config.interface}`,
        `qpairs=${Math.max(rxQueues, txQueues)}`,
        'blocksz=65536',
        `framesz=${packetFrameBytes(config.mtu ?? 1500)}`,
        `framecnt=${config.rxDescriptors ?? packetFrames}`,
      );
    case 'tap':
      return join('net_tap', `iface=${config.interface}`);
    case 'memif':
      return join('net_memif', `role=${config.mode}`, `id=${config.id ?? 0}`, `socket=${config.socket}`, 'socket-abstract=no');
    case 'virtio_user':
      return join(
        'net_virtio_user',
        `path=${config.path}`,
        `queues=${Math.max(rxQueues, txQueues)}`,
        config.server === true && 'server=1',
        'in_order=1',
      );
    case 'vhost_user':
      return join(
        'net_vhost',
        `iface=${config.path}`,
        `queues=${Math.max(rxQueues, txQueues)}`,
        config.client === true && 'client=1',
      );
    case 'ring':
      return join('net_ring');
    case 'pcap':
      return join(
        'net_pcap',
        ...Array.from({ length: config.rxFile === undefined ? 0 : rxQueues }, () => `rx_pcap=${config.rxFile ?? ''}`),
        ...Array.from({ length: config.txFile === undefined ? 0 : txQueues }, () => `tx_pcap=${config.txFile ?? ''}`),
        config.infinite === true && 'infinite_rx=1',
      );
    case 'null':
      return join('net_null', `size=${config.packetSize ?? 64}`, config.receive !== true && 'no-rx=1');
  }
}

/**
 * Frames in a packet socket's ring. The kernel drops what finds the ring full and DPDK 22.11 does not report it, so that it holds
 * what a fast sender sends while the worker does not run.
 */
const packetFrames = 4096;

/** A frame of that ring, for the largest packet, its Ethernet header and tag and the kernel's own header; divides a block. */
const packetFrameBytes = (mtu: number): number => (mtu <= 1900 ? 2048 : 16384);
