import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningSubject } from '../subject.js';
import { pollingThread, threadTime } from './thread.js';

/** One measured window of one process. */
export interface Window {
  readonly packets: bigint;
  readonly onCpuNs: bigint;
  /** Part of the window in which the polling thread waited for its core: another thread ran there, and left its caches. */
  readonly waitedShare: number;
}

interface Reading {
  readonly packets: bigint;
  readonly onCpuNs: bigint;
  readonly waitedNs: bigint;
}

/** The counter takes milliseconds to ask for; the thread's time is taken before and after, and the middle belongs to it. */
async function read(subject: RunningSubject, tid: number): Promise<Reading> {
  const before = await threadTime(subject.pid, tid);
  const packets = await subject.sentPackets();
  const after = await threadTime(subject.pid, tid);
  return { packets, onCpuNs: (before.onCpuNs + after.onCpuNs) / 2n, waitedNs: after.waitedNs };
}

/** Measures over one window. Throws where nothing was sent. */
export async function measureWindow(
  subject: RunningSubject,
  options: { readonly core: number; readonly windowMs: number },
): Promise<Window> {
  const tid = await pollingThread(subject.pid, options.core);
  const begin = await read(subject, tid);
  await sleep(options.windowMs);
  const end = await read(subject, tid);
  const [packets, onCpuNs, waitedNs] = [end.packets - begin.packets, end.onCpuNs - begin.onCpuNs, end.waitedNs - begin.waitedNs];
  if (packets <= 0n) throw new Error(`process ${subject.pid} sent no packet in ${options.windowMs} ms`);
  return { packets, onCpuNs, waitedShare: Number(waitedNs) / Number(onCpuNs + waitedNs) };
}

export const cyclesPerPacket = (window: Window, tscHz: bigint): number =>
  (Number(window.onCpuNs) * Number(tscHz)) / 1e9 / Number(window.packets);
