import { buildGenerator, measureStays, throughSwitch } from '../latency/generator.js';
import { describeStay, latencyOf, type Stay } from '../latency/stay.js';
import { interleave } from '../measure/interleave.js';
import { memoryKib } from '../measure/memory.js';
import { oneFrequency } from '../measure/session.js';
import { median, round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import { floodedGroup } from '../rules/flooded.js';
import type { Options, Scenario } from '../scenario.js';
import type { TrackingSubject } from '../subject.js';
import { withScope, type Scope } from '../support/scope.js';
import { memifWorkload } from './latency.js';

const peer = ovsDpdk;
/** Of each one's maximum: there is room for the flood's packets. */
const percent = 20;
const floodPerS = 300_000;

interface Seen {
  readonly quiet: Stay;
  readonly flooded: Stay;
  readonly tscHz: bigint;
  readonly connections: number;
  readonly memoryGrowthKib: number;
}

/** How long a packet of an established connection is in the switch, with and without a flood of packets that each make one. */
export const ctFlood: Scenario = {
  name: 'ct-flood',
  title: `ct-flood: established connections beside ${floodPerS} new ones a second without an answer`,
  subjects: ['ours', peer.name],
  defaultFlows: 1000,
  maxFlows: 10_000,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects: TrackingSubject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  await buildGenerator();
  const seen = new Map<string, Seen[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of interleave(subjects, options.runs)) {
    const one = await withScope((inner) => measure(subject, options, inner), scope);
    seen.get(subject.name)?.push(one);
    options.log(
      `${subject.name}: ${describeStay(one.quiet)}; flooded: ${describeStay(one.flooded)}; ${one.connections} connections`,
    );
  }
  const middle = (name: string, of: (one: Seen) => number, digits = 0): number | null => {
    const all = seen.get(name) ?? [];
    return all.length === 0 ? null : round(median(all.map(of)), digits);
  };
  const both = (of: (one: Seen) => number, digits?: number) => ({
    ours: middle('ours', of, digits),
    peer: middle(peer.name, of, digits),
  });
  return makeResult({
    ...withoutFloor(ctFlood.name, peer.name, options),
    summaries: new Map(),
    tscHz: oneFrequency([...seen.values()].flat().map(({ tscHz }) => tscHz)),
    extra: {
      floodPerS,
      p99Growth: both(({ quiet, flooded }) => flooded.p99Ns / quiet.p99Ns, 2),
      medianGrowth: both(({ quiet, flooded }) => flooded.medianNs / quiet.medianNs, 2),
      connections: both(({ connections }) => connections),
      memoryGrowthKib: both(({ memoryGrowthKib }) => memoryGrowthKib),
      latency: [...seen].flatMap(([name, all]) => [
        latencyOf(
          name,
          all.map(({ quiet }) => [quiet]),
        ),
        latencyOf(
          `${name}-flooded`,
          all.map(({ flooded }) => [flooded]),
        ),
      ]),
    },
  });
}

/** Alone and flooded by the same process, at the same rate. */
async function measure(subject: TrackingSubject, options: Options, scope: Scope): Promise<Seen> {
  const workload = await memifWorkload(floodedGroup, scope);
  const running = await subject.start(workload, { kind: 'measure' }, scope);
  const before = await memoryKib(running.pid);
  const [source = '', sink = ''] = workload.ports.map(({ memif }) => memif);
  const ends = throughSwitch(source, sink, subject.name === peer.name ? 2 : 1);
  const loads = [{ percent }, { percent, floodPerS }];
  const { stays, tscHz } = await measureStays(ends, options, { loads, answers: true });
  const [, quiet, flooded] = stays;
  if (!quiet || !flooded) throw new Error('the generator left out a load');
  const memoryGrowthKib = (await memoryKib(running.pid)) - before;
  return { quiet, flooded, tscHz, connections: await running.connections(), memoryGrowthKib };
}
