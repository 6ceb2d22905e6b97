import { setTimeout as sleep } from 'node:timers/promises';
import type { Options } from '../scenario.js';
import type { Summaries } from '../result.js';
import type { RunningSubject, Subject, Workload } from '../subject.js';
import { withScope, type Scope } from '../support/scope.js';
import { interleave } from './interleave.js';
import { median, summarize } from './stats.js';
import { cyclesPerPacket, measureWindow, type Window } from './window.js';

/** Something to measure under a name: a subject at a workload. */
export interface Entry {
  readonly name: string;
  readonly subject: Subject;
  readonly workload: Workload;
  /** Looks at the process after its window. */
  readonly after?: (running: RunningSubject, window: Window) => Promise<void>;
}

export interface Measured {
  readonly summaries: Summaries;
  readonly tscHz: bigint;
}

/** Measures all entries in turn, over `runs` process starts each. */
export async function measureAll(entries: readonly Entry[], options: Options, scope: Scope): Promise<Measured> {
  const windows = new Map<string, Window[]>(entries.map(({ name }) => [name, []]));
  const frequencies: bigint[] = [];
  for (const entry of interleave(entries, options.runs)) {
    const { window, tscHz } = await measureOnce(entry, options, scope);
    windows.get(entry.name)?.push(window);
    if (tscHz !== undefined) frequencies.push(tscHz);
    options.log(`${entry.name}: ${describeWindow(window)}`);
  }
  const tscHz = oneFrequency(frequencies);
  const summaries = new Map([...windows].map(([name, list]) => [name, summarize(list.map((w) => cyclesPerPacket(w, tscHz)))]));
  return { summaries, tscHz };
}

/** A fresh process: started, warmed up, measured over a window, ended. */
const measureOnce = ({ name, subject, workload, after }: Entry, options: Options, parent: Scope) =>
  withScope(async (scope) => {
    const running = await subject.start(workload, { kind: 'measure' }, scope);
    await sleep(options.warmUpMs);
    const unsettled = await running.settle();
    if (unsettled !== undefined) options.log(`${name}: ${unsettled}`);
    const window = await measureWindow(running, { cores: workload.workerCores, windowMs: options.windowMs });
    await after?.(running, window);
    return { window, tscHz: await running.tscHz() };
  }, parent);

/** Above this share of waiting the polling thread had company on its core, and the figure is not to be trusted. */
const toleratedWait = 0.01;

function describeWindow({ packets, onCpuNs, waitedShare }: Window): string {
  const rate = `${((Number(packets) / Number(onCpuNs)) * 1e3).toFixed(2)} Mpkt/s`;
  return waitedShare > toleratedWait
    ? `${rate}; another thread had the core for ${(waitedShare * 100).toFixed(1)} % of the time`
    : rate;
}

/** All subjects of a run see one TSC; two that disagree by more than a thousandth mean that one of them measured it wrong. */
export function oneFrequency(reported: readonly bigint[]): bigint {
  if (reported.length === 0) throw new Error('nobody reported the TSC frequency: measure ours or ovs-dpdk as well');
  const middle = median(reported.map(Number));
  const outlier = reported.find((hz) => Math.abs(Number(hz) - middle) > middle / 1000);
  if (outlier !== undefined) throw new Error(`the subjects disagree on the TSC frequency: ${reported.join(', ')} Hz`);
  return BigInt(Math.round(middle));
}
