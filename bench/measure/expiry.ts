import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackingSubject, Workload } from '../subject.js';
import type { Scope } from '../support/scope.js';
import { pollingThread, timeOf } from './thread.js';

export interface Expiry {
  /** The worker's time by packets sent while most of the connections went. */
  readonly nsPerPacket: number;
  /** Likewise when they were gone. */
  readonly quietNsPerPacket: number;
  /** Likewise while most went, in the worst 50 ms. */
  readonly worstNsPerPacket: number;
  /** In which they went. */
  readonly seconds: number;
  readonly tscHz: bigint;
}

export interface Look {
  readonly connections: number;
  readonly packets: number;
  readonly onCpuNs: number;
  readonly atMs: number;
}

const stepMs = 2;
/** A thread's time on its core is known by the kernel's ticks only. */
const sliceNs = 50e6;
const quietMs = 2000;
const longestMs = 60_000;
/** Those that are gone between these shares are looked at. */
const [from, to] = [0.02, 0.98] as const;

/** Begins connections that get no answer, and looks until they have expired, beside the workload's traffic. */
export async function measureExpiry(
  subject: TrackingSubject,
  workload: Workload,
  load: { readonly capture: string; readonly frames: number; readonly flows: number },
  scope: Scope,
): Promise<Expiry> {
  const running = await subject.start(workload, { kind: 'measure' }, scope);
  const tids = await Promise.all(workload.workerCores.map((core) => pollingThread(running.pid, core)));
  const look = async (): Promise<Look> => {
    const connections = await running.connections();
    const before = await timeOf(running.pid, tids);
    const packets = Number(await running.sentPackets());
    const after = await timeOf(running.pid, tids);
    return { connections, packets, onCpuNs: Number(before.onCpuNs + after.onCpuNs) / 2, atMs: performance.now() };
  };
  await running.receiveOnce('calls', load.capture, load.frames);
  const looks: Look[] = [];
  const end = performance.now() + longestMs;
  do {
    looks.push(await look());
    if (performance.now() > end) throw new Error(`${subject.name}: not all connections expire within ${longestMs / 1000} s`);
    await sleep(stepMs);
  } while ((looks.at(-1)?.connections ?? 0) > load.flows);
  const begin = await look();
  await sleep(quietMs);
  const quietNsPerPacket = perPacket(begin, await look());
  return { ...expiryOf(looks, load.frames, quietNsPerPacket), tscHz: (await running.tscHz()) ?? 0n };
}

const perPacket = (a: Look, b: Look): number => (b.onCpuNs - a.onCpuNs) / (b.packets - a.packets);

/** Throws where it was looked at too seldom. */
export function expiryOf(looks: readonly Look[], all: number, quietNsPerPacket: number): Omit<Expiry, 'tscHz'> {
  const most = Math.max(...looks.map(({ connections }) => connections));
  if (most < all * to) throw new Error(`of ${all} connections there were ${most} at most: they went while they came`);
  const goneOf = ({ connections }: Look): number => (most - connections) / all;
  const peak = looks.findLastIndex(({ connections }) => connections === most);
  const some = looks.slice(peak).filter((one) => goneOf(one) >= from && goneOf(one) <= to);
  const [first, last] = [some[0], some.at(-1)];
  if (first === undefined || last === undefined || some.length < 3) throw new Error('all connections went between two looks');
  const spaced = some.reduce<Look[]>(
    (kept, one) => (one.onCpuNs - (kept.at(-1)?.onCpuNs ?? -Infinity) >= sliceNs ? [...kept, one] : kept),
    [],
  );
  return {
    nsPerPacket: perPacket(first, last),
    quietNsPerPacket,
    worstNsPerPacket: Math.max(...spaced.slice(1).map((next, i) => perPacket(spaced[i] ?? first, next))),
    seconds: (last.atMs - first.atMs) / 1000,
  };
}
