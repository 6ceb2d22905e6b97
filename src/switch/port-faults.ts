import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { PortConfig } from '../config/schema.js';
import { jsonPointer, type Fault } from '../model/errors.js';
import type { NativeError } from './native.js';

/** What preflight looks at; a test gives its own. */
export interface HostView {
  exists(path: string): boolean;
  /** The base name of a symbolic link's target; undefined where there is none. */
  linkName(path: string): string | undefined;
  read(path: string): string;
}

export const host: HostView = {
  exists: existsSync,
  linkName: (path) => {
    try {
      return basename(readlinkSync(path));
    } catch {
      return undefined;
    }
  },
  read: (path) => readFileSync(path, 'utf8'),
};

/** Checks what can be known before DPDK is asked, since its own errors would not say what to do. */
export function preflight(name: string, config: PortConfig, view: HostView = host): Fault | undefined {
  switch (config.type) {
    case 'pci':
      return preflightPci(name, config.address, view);
    case 'af_xdp':
    case 'af_packet':
      if (interfaces(view).includes(config.interface)) return undefined;
      return {
        pointer: jsonPointer('ports', name, 'interface'),
        value: config.interface,
        message: 'this network namespace has no such interface',
        remedy: 'create it, or name one that `ip link` shows in the namespace in which the switch runs',
      };
    case 'pcap':
      if (config.rxFile === undefined || view.exists(config.rxFile)) return undefined;
      return {
        pointer: jsonPointer('ports', name, 'rxFile'),
        value: config.rxFile,
        message: 'there is no such capture file',
        remedy: 'give the path of a pcap file',
      };
    default:
      return undefined;
  }
}

const interfaces = (view: HostView): string[] =>
  view
    .read('/proc/net/dev')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '');

function preflightPci(name: string, address: string, view: HostView): Fault | undefined {
  const device = `/sys/bus/pci/devices/${address}`;
  const fault = (message: string, remedy: string): Fault => ({
    pointer: jsonPointer('ports', name, 'address'),
    value: address,
    message,
    remedy,
  });
  if (!view.exists(device))
    return fault('there is no such PCI device', 'pass the VF through to this VM; `lspci -D` lists the devices');
  const driver = view.linkName(`${device}/driver`);
  if (driver !== 'vfio-pci') {
    return fault(
      driver === undefined ? 'no driver is bound to it' : `it is bound to ${driver}, not to vfio-pci`,
      `dpdk-devbind.py --bind=vfio-pci ${address}`,
    );
  }
  if (view.linkName(`${device}/iommu_group`) === undefined) {
    return fault('it has no IOMMU group', 'give the VM a virtual IOMMU (QEMU: -device intel-iommu) and boot with intel_iommu=on');
  }
  return undefined;
}

/** Says which step of starting a port failed and what to do about it. */
export function portFault(name: string, config: PortConfig, error: NativeError): Fault {
  return {
    pointer: jsonPointer('ports', name),
    value: config.type,
    message: `step ${error.step}: ${error.message}`,
    remedy: remedy(config, error),
  };
}

/** errno values (errno-base.h) that say something about a port. */
const errnos = { EPERM: 1, ENOMEM: 12, EACCES: 13, EBUSY: 16, EADDRINUSE: 98 } as const;

function remedy(config: PortConfig, { step, errno }: NativeError): string {
  if (errno === errnos.EPERM || errno === errnos.EACCES)
    return 'run as root, or give the process CAP_NET_ADMIN, CAP_NET_RAW and CAP_IPC_LOCK';
  if (errno === errnos.ENOMEM) return 'raise memory.mib (and vm.nr_hugepages), or lower the number of descriptors';
  if (errno === errnos.EBUSY || errno === errnos.EADDRINUSE) return 'another process uses the device; end it first';
  switch (step) {
    case 'mtu':
      return 'lower mtu, or leave it out to keep the device’s own';
    case 'mac':
      return 'leave mac out to keep the address that the host gave the device';
    case 'configure':
    case 'rx_queue':
    case 'tx_queue':
      return 'lower rxQueues, the number of workers (each sends on a queue of its own) or the number of descriptors';
    default:
      return config.type === 'pci' ? 'see `dmesg` for vfio’s reason' : 'see docs/ports.md for what this type of port needs';
  }
}
