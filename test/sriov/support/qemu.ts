import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './cache.js';

/** A UDP port of this machine on each end; a datagram is an Ethernet frame. */
export interface UdpLink {
  readonly guest: number;
  readonly test: number;
}

export interface Board {
  readonly machine: Machine;
  /** Of scripts that the guest starts from; a path of the host is the same path in the guest. */
  readonly guestScripts: string;
  /** A folder that the guest writes its logs to. */
  readonly logs: string;
  /** The monitor's Unix socket, which QEMU makes. */
  readonly monitor: string;
  readonly nic: UdpLink;
  readonly outside: UdpLink;
}

/** The NIC's cable, as the monitor knows it. */
export const wireName = 'wire';

const mib = 1152;
/** For the data planes of two switches, 64 MiB each. */
const hugepages = 80;

/** What the console says goes into a file; standard input and output are the agent's. */
export const consoleFile = (logs: string): string => join(logs, 'console.log');

const netdev = (id: string, { guest, test }: UdpLink): string[] => [
  '-netdev',
  `dgram,id=${id},local.type=inet,local.host=127.0.0.1,local.port=${guest},remote.type=inet,remote.host=127.0.0.1,remote.port=${test}`,
];

const share = (tag: string, path: string, readOnly: boolean): string[] => [
  '-fsdev',
  `local,id=${tag},path=${path},security_model=none,multidevs=remap${readOnly ? ',readonly=on' : ''}`,
  '-device',
  `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
];

/**
 * A machine with an Intel 82576 behind an IOMMU, and with a plain NIC for the host at the other end of the wire. Translated (TCG),
 * so that it runs wherever the tests do.
 */
export function qemuArguments({ machine, guestScripts, logs, monitor, nic, outside }: Board): string[] {
  const kernel = 'console=ttyS0 panic=-1 quiet mitigations=off nokaslr random.trust_cpu=on intel_iommu=on iommu=pt';
  const firmware = ['usr/share/qemu', 'usr/share/seabios'].map((folder) => join(machine.packages, folder));
  return [
    ...firmware.flatMap((folder) => ['-L', folder]),
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max,la57=off', '-smp', '2', '-m', String(mib)],
    ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', `file:${consoleFile(logs)}`],
    ...['-device', 'intel-iommu,intremap=on,caching-mode=on,aw-bits=48'],
    // A VF is alone in its IOMMU group only below a port of its own.
    ...['-device', 'pcie-root-port,id=nicPort,bus=pcie.0,chassis=1,slot=1,addr=4'],
    ...netdev(wireName, nic),
    ...['-device', `igb,bus=nicPort,netdev=${wireName},mac=02:00:00:00:00:f0,romfile=`],
    ...netdev('outside', outside),
    ...['-device', 'virtio-net-pci,netdev=outside,mac=02:00:00:00:01:02,romfile='],
    ...['-chardev', 'stdio,id=agent,signal=off', '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=agent,name=agent'],
    ...['-qmp', `unix:${monitor},server=on,wait=off`],
    ...share('host', '/', true),
    ...share('logs', logs, false),
    ...['-kernel', machine.kernel, '-initrd', machine.initrd],
    ...['-append', `${kernel} hugepages=${hugepages} guest=${guestScripts}`],
  ];
}

/** @returns the program, and where it finds the libraries that came with it */
export function qemuProgram({ packages }: Machine): { program: string; env: NodeJS.ProcessEnv } {
  const folders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((folder) => join(packages, folder));
  return {
    program: join(packages, 'usr/bin/qemu-system-x86_64'),
    env: { ...process.env, LD_LIBRARY_PATH: folders.filter((folder) => existsSync(folder)).join(':') },
  };
}
