import { readFile } from 'node:fs/promises';

/** What a process has in memory, hugepages included, in KiB. */
export const memoryKib = async (pid: number): Promise<number> => parseMemoryKib(await readFile(`/proc/${pid}/status`, 'utf8'));

/** VmRSS and HugetlbPages of /proc/PID/status. */
export function parseMemoryKib(status: string): number {
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return kib('VmRSS') + kib('HugetlbPages');
}
