import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackingSubject, Workload } from '../subject.js';
import type { Scope } from '../support/scope.js';
import { pollingThread, timeOf } from './thread.js';

/** Captures of so many connections: what begins them, and the answers. */
export interface Load {
  readonly calls: string;
  readonly answers: string;
  readonly connections: number;
}

/** The same subject, which forwards when it has all those connections, established. */
/** The least share of connections that there must be: Open vSwitch drops packets while it learns of a port. */
const made = 0.999;

export const loaded = (subject: TrackingSubject, { calls, answers, connections }: Load): TrackingSubject => ({
  ...subject,
  start: async (workload, wiring, scope) => {
    const running = await subject.start(workload, wiring, scope);
    await running.receiveOnce('calls', calls, connections);
    await running.receiveOnce('answers', answers, connections);
    const there = await running.connections();
    if (there < connections * made) throw new Error(`${subject.name} has ${there} of ${connections} connections`);
    return running;
  },
});

export interface Setup {
  /** New connections in a second of the worker's time. */
  readonly perSecond: number;
  readonly tscHz: bigint;
}

interface Reading {
  readonly connections: number;
  readonly onCpuNs: number;
}

/** Between these shares of all connections their rate is taken. */
const [from, to] = [0.1, 0.95] as const;
const stepMs = 10;

/** Frames of a capture, each of which makes a connection. */
export async function measureSetup(
  subject: TrackingSubject,
  workload: Workload,
  { capture, frames }: { readonly capture: string; readonly frames: number },
  scope: Scope,
): Promise<Setup> {
  const running = await subject.start(workload, { kind: 'measure' }, scope);
  const tids = await Promise.all(workload.workerCores.map((core) => pollingThread(running.pid, core)));
  const read = async (): Promise<Reading> => {
    const before = await timeOf(running.pid, tids);
    const connections = await running.connections();
    const after = await timeOf(running.pid, tids);
    return { connections, onCpuNs: Number(before.onCpuNs + after.onCpuNs) / 2 };
  };
  const received = running.receiveOnce('calls', capture, frames).then(() => true);
  const readings: Reading[] = [];
  while (!(await Promise.race([received, sleep(stepMs, false)]))) readings.push(await read());
  const there = await running.connections();
  if (there < frames * made) throw new Error(`${subject.name}: ${frames} packets made ${there} connections`);
  return { perSecond: rateOf(readings, frames), tscHz: (await running.tscHz()) ?? 0n };
}

/** Connections by the second of time on the core. Throws where they were looked at too seldom. */
export function rateOf(readings: readonly Reading[], all: number): number {
  const some = readings.filter(({ connections }) => connections >= all * from && connections <= all * to);
  const [first, last] = [some[0], some.at(-1)];
  if (first === undefined || last === undefined || some.length < 3)
    throw new Error('all connections were made between two looks');
  return ((last.connections - first.connections) * 1e9) / (last.onCpuNs - first.onCpuNs);
}
