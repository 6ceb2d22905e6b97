import { buildGenerator, measureStays, throughSwitch } from '../latency/generator.js';
import { describeStay, latencyOf, type Stay } from '../latency/stay.js';
import { interleave } from '../measure/interleave.js';
import { memoryKib } from '../measure/memory.js';
import { oneFrequency } from '../measure/session.js';
import { median, round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, type Result } from '../result.js';
import { floodedGroup } from '../rules/flooded.js';
import type { Options, Scenario } from '../scenario.js';
import type { TrackingSubject, Workload } from '../subject.js';
import { withScope, type Scope } from '../support/scope.js';
import { memifWorkload } from './latency.js';

const peer = ovsDpdk;
/** Of each one's maximum: there is room for the flood's packets. */
const percent = 20;
const floodPerS = 300_000;

interface Seen {
  readonly stay: Stay;
  readonly tscHz: bigint;
  readonly connections: number;
  readonly memoryKib: number;
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
  const workload = await memifWorkload(floodedGroup, scope);
  const starts = subjects.flatMap((subject) =>
    [0, floodPerS].map((flood) => ({
      name: nameOf(subject.name, flood > 0),
      measure: () => withScope((inner) => measure(subject, flood, workload, options, inner), scope),
    })),
  );
  const seen = new Map<string, Seen[]>(starts.map(({ name }) => [name, []]));
  for (const { name, measure: start } of interleave(starts, options.runs)) {
    const one = await start();
    seen.get(name)?.push(one);
    options.log(`${name}: ${describeStay(one.stay)}; ${one.connections} connections, ${one.memoryKib} KiB`);
  }
  const middle = (name: string, flooded: boolean, of: (one: Seen) => number): number | null => {
    const all = seen.get(nameOf(name, flooded)) ?? [];
    return all.length === 0 ? null : median(all.map(of));
  };
  const over = (name: string, of: (one: Seen) => number): number | null => {
    const [flooded, quiet] = [middle(name, true, of), middle(name, false, of)];
    return flooded === null || quiet === null ? null : round(flooded / quiet, 3);
  };
  const growth = (name: string): number | null => {
    const [flooded, quiet] = [middle(name, true, (one) => one.memoryKib), middle(name, false, (one) => one.memoryKib)];
    return flooded === null || quiet === null ? null : flooded - quiet;
  };
  const both = <T>(of: (name: string) => T) => ({ ours: of('ours'), peer: of(peer.name) });
  return makeResult({
    scenario: ctFlood.name,
    peer: peer.name,
    floor: 'none',
    flows: options.flows,
    runs: options.runs,
    summaries: new Map(),
    tscHz: oneFrequency([...seen.values()].flat().map(({ tscHz }) => tscHz)),
    extra: {
      floodPerS,
      p99Growth: both((name) => over(name, ({ stay }) => stay.p99Ns)),
      medianGrowth: both((name) => over(name, ({ stay }) => stay.medianNs)),
      connections: both((name) => middle(name, true, (one) => one.connections)),
      memoryGrowthKib: both(growth),
      latency: [...seen].map(([name, all]) =>
        latencyOf(
          name,
          all.map(({ stay }) => [stay]),
        ),
      ),
    },
  });
}

const nameOf = (subject: string, flooded: boolean): string => (flooded ? `${subject}-flood` : subject);

async function measure(
  subject: TrackingSubject,
  flood: number,
  workload: Workload,
  options: Options,
  scope: Scope,
): Promise<Seen> {
  const running = await subject.start(workload, { kind: 'measure' }, scope);
  const [source = '', sink = ''] = workload.ports.map(({ memif }) => memif);
  const ends = throughSwitch(source, sink, subject.name === peer.name ? 2 : 1);
  const { stays, tscHz } = await measureStays(ends, options, { loads: [{ percent, floodPerS: flood }], answers: true });
  const stay = stays.find((one) => one.percent === percent);
  if (!stay) throw new Error('the generator left out the load');
  return { stay, tscHz, connections: await running.connections(), memoryKib: await memoryKib(running.pid) };
}
