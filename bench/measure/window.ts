import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningSubject } from '../subject.js';
import { pollingThread, timeOf, type ThreadTime } from './thread.js';

/** One measured window of one process, over all its polling threads. */
export interface Window {
  readonly packets: bigint;
  readonly elapsedNs: bigint;
  readonly onCpuNs: bigint;
  /** Part of the window in which a polling thread waited for its core: another thread ran there, and left its caches. */
  readonly waitedShare: number;
}

interface Reading extends ThreadTime {
  readonly packets: bigint;
  readonly atNs: bigint;
}

/** The counter takes milliseconds to ask for; the threads' time is taken before and after, and the middle belongs to it. */
async function read(subject: RunningSubject, tids: readonly number[]): Promise<Reading> {
  const before = await timeOf(subject.pid, tids);
  const packets = await subject.sentPackets();
  const after = await timeOf(subject.pid, tids);
  return { packets, atNs: process.hrtime.bigint(), onCpuNs: (before.onCpuNs + after.onCpuNs) / 2n, waitedNs: after.waitedNs };
}

/** Measures over one window. Throws where nothing was sent. */
export async function measureWindow(
  subject: RunningSubject,
  options: { readonly cores: readonly number[]; readonly windowMs: number },
): Promise<Window> {
  const tids = await Promise.all(options.cores.map((core) => pollingThread(subject.pid, core)));
  const begin = await read(subject, tids);
  await sleep(options.windowMs);
  const end = await read(subject, tids);
  const [packets, onCpuNs, waitedNs] = [end.packets - begin.packets, end.onCpuNs - begin.onCpuNs, end.waitedNs - begin.waitedNs];
  if (packets <= 0n) throw new Error(`process ${subject.pid} sent no packet in ${options.windowMs} ms`);
  return {
    packets,
    elapsedNs: end.atNs - begin.atNs,
    onCpuNs,
    waitedShare: Number(waitedNs) / Number(onCpuNs + waitedNs),
  };
}

/** Summed over the polling threads. */
export const cyclesPerPacket = (window: Window, tscHz: bigint): number =>
  (Number(window.onCpuNs) * Number(tscHz)) / 1e9 / Number(window.packets);
