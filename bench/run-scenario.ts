import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interleave } from './measure/interleave.js';
import { rewriteFault } from './measure/prove.js';
import { median, summarize } from './measure/stats.js';
import { cyclesPerPacket, measureWindow, type Window } from './measure/window.js';
import { makeResult, type Result } from './result.js';
import type { Scenario } from './scenario.js';
import type { Subject, Workload } from './subject.js';
import { reserveHugepages } from './support/hugepages.js';
import { decodePcap, encodePcap } from './support/pcap.js';
import { makeRunDirectory } from './support/run-dir.js';
import { withScope, type Scope } from './support/scope.js';

/** Different frames in the proof, and how much of the sink's file is looked at: several rounds of them. */
const provenFrames = 64;
const proofBytes = 65_536;
const proofMs = 5_000;
/** Beside what each subject asks for. */
const hugepageSlackMib = 64;

export interface Options {
  readonly flows: number;
  readonly runs: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Names of the subjects to measure. */
  readonly only: readonly string[] | undefined;
  readonly log: (line: string) => void;
}

/** Proves each subject's rewrite, then measures all of them in turn over `runs` process starts each. */
export async function runScenario(scenario: Scenario, options: Options, scope: Scope): Promise<Result> {
  const all = [scenario.ours, scenario.peer, scenario.floor];
  const subjects = all.filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const directory = await makeRunDirectory(scope);
  const workload: Workload = {
    directory,
    capture: join(directory, 'flows.pcap'),
    flows: options.flows,
    rule: scenario.rule,
    workerCore: 1,
    housekeepingCore: 0,
    memoryMib: 512,
  };
  await reserveHugepages(workload.memoryMib + hugepageSlackMib, scope);
  await writeFile(workload.capture, encodePcap(scenario.frames(options.flows)));
  for (const subject of subjects.filter((s) => s.rewritesByRule)) {
    await prove(subject, scenario, workload, scope);
    options.log(`${subject.name}: ${provenFrames} frames rewritten as the rule says`);
  }

  const windows = new Map<string, Window[]>(subjects.map((s) => [s.name, []]));
  const frequencies: bigint[] = [];
  for (const subject of interleave(subjects, options.runs)) {
    const { window, tscHz } = await measureOnce(subject, workload, options, scope);
    windows.get(subject.name)?.push(window);
    if (tscHz !== undefined) frequencies.push(tscHz);
    options.log(`${subject.name}: ${describeWindow(window)}`);
  }
  const tscHz = oneFrequency(frequencies);
  const summaries = new Map([...windows].map(([name, list]) => [name, summarize(list.map((w) => cyclesPerPacket(w, tscHz)))]));
  return makeResult({
    scenario: scenario.name,
    peer: scenario.peer.name,
    floor: scenario.floor.name,
    flows: options.flows,
    runs: options.runs,
    tscHz,
    summaries,
  });
}

/** Above this share of waiting the polling thread had company on its core, and the figure is not to be trusted. */
const toleratedWait = 0.01;

function describeWindow({ packets, onCpuNs, waitedShare }: Window): string {
  const rate = `${((Number(packets) / Number(onCpuNs)) * 1e3).toFixed(2)} Mpkt/s`;
  return waitedShare > toleratedWait
    ? `${rate}; another thread had the core for ${(waitedShare * 100).toFixed(1)} % of the time`
    : rate;
}

const measureOnce = (subject: Subject, workload: Workload, options: Options, parent: Scope) =>
  withScope(async (scope) => {
    const running = await subject.start(workload, { kind: 'measure' }, scope);
    const window = await measureWindow(running, {
      core: workload.workerCore,
      warmUpMs: options.warmUpMs,
      windowMs: options.windowMs,
    });
    return { window, tscHz: await running.tscHz() };
  }, parent);

/** Forwards a short capture into a file and compares what is in it by then. */
const prove = (subject: Subject, scenario: Scenario, workload: Workload, parent: Scope): Promise<void> =>
  withScope(async (scope) => {
    const frames = scenario.frames(provenFrames);
    const [capture, sinkFile] = [join(workload.directory, 'proof-in.pcap'), join(workload.directory, 'proof-out.pcap')];
    await writeFile(capture, encodePcap(frames));
    scope.defer(() => rm(sinkFile, { force: true })); // the sink writes some hundred megabytes a second
    await subject.start({ ...workload, capture }, { kind: 'prove', sinkFile }, scope);
    const deadline = performance.now() + proofMs;
    for (;;) {
      const fault = rewriteFault(frames, decodePcap(await readStart(sinkFile, proofBytes)), scenario.rule);
      if (fault === undefined) return;
      if (performance.now() > deadline) throw new Error(`${subject.name} does not do what the scenario asks: ${fault}`);
      await sleep(20);
    }
  }, parent);

/** The first bytes of a file, as many as it has up to `limit`. */
async function readStart(path: string, limit: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** All subjects of a run see one TSC; two that disagree by more than a thousandth mean that one of them measured it wrong. */
export function oneFrequency(reported: readonly bigint[]): bigint {
  if (reported.length === 0) throw new Error('nobody reported the TSC frequency: measure ours or ovs-dpdk as well');
  const middle = median(reported.map(Number));
  const outlier = reported.find((hz) => Math.abs(Number(hz) - middle) > middle / 1000);
  if (outlier !== undefined) throw new Error(`the subjects disagree on the TSC frequency: ${reported.join(', ')} Hz`);
  return BigInt(Math.round(middle));
}
