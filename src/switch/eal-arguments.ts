import { readFileSync } from 'node:fs';
import { VswitchError } from '../model/errors.js';

/** What the EAL is started with; see docs/memory.md. */
export interface EalRequest {
  /** Cores of the workers, in order; a core may be named by several switches. */
  readonly cores: readonly number[];
  /** Cores the process may run on, for the control thread. */
  readonly onlineCores: readonly number[];
  readonly hugepages: boolean;
  readonly mib: number;
  /** Unique among the processes of a machine. */
  readonly filePrefix: string;
}

/**
 * Arguments of rte_eal_init. lcore 0 is the control thread, free to run on any core; worker N is lcore N + 1 on its core. With
 * hugepages nothing is shared or left on disk (`--in-memory`); DPDK 22.11 refuses that option together with `--no-huge`. One file
 * for all pages, since a vhost-user peer maps eight regions at most.
 */
export function ealArguments(request: EalRequest): string[] {
  const control = `0@(${request.onlineCores.join(',')})`;
  const workers = request.cores.map((core, worker) => `${worker + 1}@${core}`);
  const memory = request.hugepages
    ? ['--in-memory', '--single-file-segments', '-m', String(request.mib)]
    : ['--no-huge', '--no-shconf', `--file-prefix=${request.filePrefix}`, '-m', String(request.mib)];
  return [
    `--lcores=${[control, ...workers].join(',')}`,
    '--main-lcore=0',
    ...memory,
    '--iova-mode=va',
    '--no-telemetry',
    // No device is probed unasked: ports name theirs. The address is one that no device has.
    '--allow=0000:00:00.0',
    '--log-level=lib.*:warning',
  ];
}

/** The lcore id of each worker under these arguments. */
export const workerLcores = (cores: readonly number[]): number[] => cores.map((_, worker) => worker + 1);

/** Free memory in hugepages of the default size, in MiB, from the text of /proc/meminfo. */
export function freeHugepageMib(meminfo: string): number {
  const value = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0);
  return Math.floor((value('HugePages_Free') * value('Hugepagesize')) / 1024);
}

export interface MemoryWish {
  readonly hugepages: 'auto' | 'require' | 'never';
  readonly mib: number;
}

/**
 * Whether hugepages are to be used for so many MiB.
 * @throws VswitchError EAL_FAILED where they are required and too few are free.
 */
export function useHugepages({ hugepages, mib }: MemoryWish): boolean {
  if (hugepages === 'never') return false;
  const free = freeHugepageMib(readFileSync('/proc/meminfo', 'utf8'));
  if (free >= mib) return true;
  if (hugepages === 'auto') return false;
  const remedy = `as root: sysctl vm.nr_hugepages=${Math.ceil(mib / 2)} (2 MiB each), or set memory.hugepages to "auto"`;
  throw new VswitchError('EAL_FAILED', `${free} MiB of hugepages are free, ${mib} are needed`, [
    { pointer: '/memory/hugepages', value: hugepages, message: 'not enough hugepages', remedy },
  ]);
}
