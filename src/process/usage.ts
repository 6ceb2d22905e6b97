import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds for which the threads of a process ran, those that have ended left out; 0 where there is no such process. */
export function ranNs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const threads = attempt(() => readdirSync(tasks)) ?? [];
  // Documentation/scheduler/sched-stats.rst: the first field is the time on a CPU.
  const ran = threads.map((thread) => attempt(() => Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0])));
  return ran.reduce<number>((sum, ns) => sum + (ns ?? 0), 0);
}

/** Milliseconds for which a process ran, its threads that have ended too, in steps of 10; undefined where there is no such process. */
export function cpuMsOf(pid: number): number | undefined {
  // proc(5): the name in parentheses may hold anything; fields 14 and 15 are of user and kernel, in ticks of USER_HZ, which is 100.
  const fields = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory of a process in bytes. */
export interface ProcessMemory {
  /** In ordinary pages, those that it shares with others included. */
  readonly residentBytes: number;
  readonly hugepageBytes: number;
}

/** Undefined where there is no such process. */
export function memoryOf(pid: number): ProcessMemory | undefined {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (status === undefined) return undefined;
  const bytes = (key: string): number => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { residentBytes: bytes('VmRSS'), hugepageBytes: bytes('HugetlbPages') };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
