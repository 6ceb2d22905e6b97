import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

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

/** The sum over the threads. */
export async function timeOf(pid: number, tids: readonly number[]): Promise<ThreadTime> {
  const times = await Promise.all(tids.map((tid) => threadTime(pid, tid)));
  return times.reduce((sum, { onCpuNs, waitedNs }) => ({ onCpuNs: sum.onCpuNs + onCpuNs, waitedNs: sum.waitedNs + waitedNs }));
}

/** Long enough that a thread which only polls shows. */
const observedMs = 200;

/** The thread that polls: of those pinned to `core` alone, the one that ran longest just now. */
export async function pollingThread(pid: number, core: number): Promise<number> {
  const pinned: number[] = [];
  for (const tid of (await readdir(`/proc/${pid}/task`)).map(Number))
    if (allowedCores(await readFile(`/proc/${pid}/task/${tid}/status`, 'utf8')) === String(core)) pinned.push(tid);
  const read = () => Promise.all(pinned.map(async (tid) => (await threadTime(pid, tid)).onCpuNs));
  const before = await read();
  await sleep(observedMs);
  const after = await read();
  const ran = pinned.map((tid, i) => ({ tid, ns: (after[i] ?? 0n) - (before[i] ?? 0n) }));
  const busiest = ran.toSorted((a, b) => Number(b.ns - a.ns))[0];
  if (!busiest) throw new Error(`process ${pid} has no thread pinned to core ${core}`);
  return busiest.tid;
}
