import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { makeWorkload, proveAll } from '../forwarding.js';
import { throughSwitch } from '../latency/generator.js';
import { interleave } from '../measure/interleave.js';
import { measureAll, type Entry } from '../measure/session.js';
import { median, round } from '../measure/stats.js';
import { pollingThread } from '../measure/thread.js';
import { buildNeighbourGenerator, describeFare, measureFares, type Fares } from '../neighbour/generator.js';
import { prepareOurs, startOurs } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result, type Summaries } from '../result.js';
import {
  asTenants,
  floodFrames,
  neighbourRules,
  neighbours,
  neighbourWork,
  sinkOf,
  sourceOf,
  ways,
  type Way,
} from '../rules/neighbours.js';
import type { Options, Scenario } from '../scenario.js';
import type { Subject, Workload } from '../subject.js';
import { encodePcap } from '../support/pcap.js';
import { withScope, type Scope } from '../support/scope.js';

const peer = ovsDpdk;
/** Of what is forwarded of the victim's packets at most: less than its share. */
const percent = 20;
/** Through the uplink. More than both switches forward, and not more than they receive: what a full device drops is anybody's. */
const uplinkFloodPerS = 4_000_000;
const victimFlows = 1000;

const oursWithTenants = (way: Way, tree: string): Subject => ({
  name: 'ours',
  hasRules: true,
  prepare: () => prepareOurs(tree),
  start: (workload, wiring, scope) => {
    const rules = way === 'own' ? workload.rules : { flows: [] };
    return startOurs(tree, { ...workload, rules }, wiring, scope, { config: (usual) => asTenants(way, usual) });
  },
});

/** How a victim fares beside a flood: the worker's cycles for its packets, their time in the switch, and how many come through. */
export const noisyNeighbour: Scenario = {
  name: 'noisy-neighbour',
  title: "noisy-neighbour: a victim's packets, beside a flood through an access list",
  subjects: ['ours', peer.name],
  defaultFlows: 16_384,
  maxFlows: 50_000,
  comparable: false,
  run,
};

const entryName = (way: Way, name: string, sending: string): string => [name, way, sending].join('-');

/** Of the half of what it gets alone, percent. */
export function keepsPct(summaries: Summaries, way: Way, name: string): number | null {
  const [flooded, alone] = ['flooded', 'alone'].map((sending) => summaries.get(entryName(way, name, sending)));
  return flooded && alone ? round(((2 * alone.median) / flooded.median) * 100, 1) : null;
}

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjectsOf = (way: Way): Subject[] =>
    [oursWithTenants(way, options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjectsOf('own')) await subject.prepare();
  await buildNeighbourGenerator();
  const entries: Entry[] = [];
  for (const way of ways) {
    for (const [sending, names] of [['alone', ['victim']] as const, ['flooded', neighbours] as const]) {
      const work = neighbourWork(way, options.flows, names);
      const workload = await makeWorkload(work, scope);
      const subjects = subjectsOf(way);
      await proveAll(subjects, workload, work, [], options, scope);
      for (const subject of subjects) entries.push({ name: entryName(way, subject.name, sending), subject, workload });
    }
  }
  const measured = await measureAll(entries, options, scope);
  const lines: Line[] = [];
  for (const way of ways) lines.push(...(await linesOf(way, subjectsOf(way), options, scope)));
  const figures = (way: Way) => {
    const ratioOf = (name: string): number | null =>
      lines.find((line) => line.way === way && line.subject === name)?.p99Ratio ?? null;
    return {
      victimKeepsPct: keepsPct(measured.summaries, way, 'ours'),
      victimP99Ratio: ratioOf('ours'),
      peerVictimKeepsPct: keepsPct(measured.summaries, way, peer.name),
      peerVictimP99Ratio: ratioOf(peer.name),
    };
  };
  return makeResult({
    ...withoutFloor(noisyNeighbour.name, peer.name, options),
    ...measured,
    extra: { ...figures('own'), uplink: figures('uplink'), percent, uplinkFloodPerS, neighbours: lines },
  });
}

/** A subject's medians over the process starts, and the course of the first of them. */
interface Line {
  readonly subject: string;
  readonly way: Way;
  readonly phaseMs: number;
  readonly mostPacketsPerS: number;
  /** Of what was sent beside the flood. */
  readonly forwardedPct: number;
  /** Null where hardly a window was clean. */
  readonly p99Ratio: number | null;
  readonly medianRatio: number | null;
  readonly runs: readonly Omit<Fares, 'points' | 'tscHz'>[];
  readonly points: Fares['points'];
}

async function linesOf(way: Way, subjects: readonly Subject[], options: Options, scope: Scope): Promise<Line[]> {
  const workload = await memifWorkload(way, scope);
  const capture = join(workload.directory, 'flood.pcap');
  await writeFile(capture, encodePcap(floodFrames(options.flows)));
  const seen = new Map<string, Fares[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of interleave(subjects, options.runs)) {
    const fares = await withScope((inner) => faresOf(way, subject, workload, capture, options, inner), scope);
    seen.get(subject.name)?.push(fares);
    options.log(`${subject.name}, ${way}: ${describeFare(fares.alone)}; flooded: ${describeFare(fares.flooded)}`);
  }
  return [...seen].map(([subject, all]): Line => {
    const ratio = (of: 'p99Ns' | 'medianNs'): number | null => {
      const ratios = all.flatMap(({ alone, flooded }) => {
        const [a, b] = [alone[of], flooded[of]];
        return a === null || b === null ? [] : [b / a];
      });
      return ratios.length === 0 ? null : round(median(ratios), 2);
    };
    return {
      subject,
      way,
      phaseMs: options.windowMs,
      mostPacketsPerS: median(all.map(({ mostPacketsPerS }) => mostPacketsPerS)),
      forwardedPct: median(all.map(({ flooded }) => flooded.forwardedPct)),
      p99Ratio: ratio('p99Ns'),
      medianRatio: ratio('medianNs'),
      runs: all.map(({ points: _, tscHz: __, ...rest }) => rest),
      points: all[0]?.points ?? [],
    };
  });
}

/** The victim's two ports, and the flooder's first, are shared memory with the generator. */
async function memifWorkload(way: Way, scope: Scope): Promise<Workload> {
  const sources = [...new Set(neighbours.map((name) => sourceOf(way, name)))];
  const sinks = neighbours.map(sinkOf);
  const workload = await makeWorkload({ rules: neighbourRules(way), sources: {}, sinks: [...sources, ...sinks] }, scope);
  const shared = [...sources, sinkOf('victim')];
  const ports = workload.ports.map((port) =>
    shared.includes(port.name) ? { ...port, memif: socketOf(workload, port.name) } : port,
  );
  return { ...workload, ports };
}

const socketOf = ({ directory }: Workload, port: string): string => join(directory, `${port}.sock`);

async function faresOf(
  way: Way,
  subject: Subject,
  workload: Workload,
  capture: string,
  options: Options,
  scope: Scope,
): Promise<Fares> {
  const { pid } = await subject.start(workload, { kind: 'measure' }, scope);
  const tid = await pollingThread(pid, workload.workerCores[0] ?? 1);
  const [source, sink] = [sourceOf(way, 'victim'), sinkOf('victim')].map((port) => socketOf(workload, port));
  // The first send queue of Open vSwitch is its main thread's.
  return measureFares(throughSwitch(source ?? '', sink ?? '', subject.name === peer.name ? 2 : 1), {
    flows: victimFlows,
    socket: way === 'own' ? socketOf(workload, sourceOf(way, 'flooder')) : undefined,
    capture,
    floodPerS: way === 'own' ? 0 : uplinkFloodPerS,
    percent,
    schedstat: `/proc/${pid}/task/${tid}/schedstat`,
    warmUpMs: options.warmUpMs,
    phaseMs: options.windowMs,
  });
}
