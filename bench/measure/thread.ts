import { readdir, readFile } from 'node:fs/promises';

/** A thread's /proc schedstat (Linux, sched-stats.rst): nanoseconds on a CPU, nanoseconds runnable but waiting for one. */
export interface ThreadTime {
  readonly onCpuNs: bigint;
  readonly waitedNs: bigint;
}

export function parseSchedstat(text: string): ThreadTime {
  const [onCpu, waited] = text.trim().split(/\s+/);
  if (onCpu === undefined || waited === undefined) throw new Error(`not a schedstat line: ${text}`);
  return { onCpuNs: BigInt(onCpu), waitedNs: BigInt(waited) };
}

/** The value of `Cpus_allowed_list` in a thread's /proc status. */
export const allowedCores = (status: string): string | undefined => /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];

export const threadTime = async (pid: number, tid: number): Promise<ThreadTime> =>
  parseSchedstat(await readFile(`/proc/${pid}/task/${tid}/schedstat`, 'utf8'));

/** The thread that polls: of those pinned to `core` alone, the one that ran longest. Call it after the warm-up. */
export async function pollingThread(pid: number, core: number): Promise<number> {
  const threads = (await readdir(`/proc/${pid}/task`)).map(Number);
  const pinned: { readonly tid: number; readonly onCpuNs: bigint }[] = [];
  for (const tid of threads) {
    const status = await readFile(`/proc/${pid}/task/${tid}/status`, 'utf8');
    if (allowedCores(status) === String(core)) pinned.push({ tid, onCpuNs: (await threadTime(pid, tid)).onCpuNs });
  }
  const busiest = pinned.toSorted((a, b) => Number(b.onCpuNs - a.onCpuNs))[0];
  if (!busiest) throw new Error(`process ${pid} has no thread pinned to core ${core}`);
  return busiest.tid;
}
