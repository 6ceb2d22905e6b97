import { join } from 'node:path';
import { makeWorkload } from '../forwarding.js';
import { buildGenerator, loopback, measureStays, throughSwitch, type Stays } from '../latency/generator.js';
import { describeStay, latencyOf, ratioOf, type Stay } from '../latency/stay.js';
import { interleave } from '../measure/interleave.js';
import { oneFrequency } from '../measure/session.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, type Result } from '../result.js';
import { forward } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';
import type { Options, Scenario } from '../scenario.js';
import type { RuleSet, Subject, Workload } from '../subject.js';
import { withScope, type Scope } from '../support/scope.js';

const floor = 'loopback';

/** How long a packet is in the switch. `ratio` is that of the medians at 90 % of each one's maximum. */
export const latency: Scenario = {
  name: 'latency',
  title: 'latency: a packet through the switch at 1 % and 90 % of its maximum load',
  subjects: ['ours', ovsDpdk.name, floor],
  defaultFlows: 1000,
  maxFlows: 100_000,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const asked = (name: string): boolean => options.only?.includes(name) ?? true;
  const subjects = [oursIn(options.tree), ovsDpdk].filter(({ name }) => asked(name));
  for (const subject of subjects) await subject.prepare();
  await buildGenerator();
  const workload = await memifWorkload(oneRule(options.flows, forward()).rules, scope);
  const loop = loopback(join(workload.directory, 'loop.sock'));
  const starts = [
    ...subjects.map((subject) => ({ name: subject.name, measure: () => ofSwitch(subject, workload, options, scope) })),
    ...(asked(floor) ? [{ name: floor, measure: () => measureStays(loop, options) }] : []),
  ];
  const seen = new Map<string, Stay[][]>(starts.map(({ name }) => [name, []]));
  const frequencies: bigint[] = [];
  for (const { name, measure } of interleave(starts, options.runs)) {
    const { tscHz, stays } = await measure();
    seen.get(name)?.push([...stays]);
    frequencies.push(tscHz);
    options.log(`${name}: ${stays.map(describeStay).join('; ')}`);
  }
  const found = [...seen].map(([subject, runs]) => latencyOf(subject, runs));
  return {
    ...makeResult({
      scenario: latency.name,
      peer: ovsDpdk.name,
      floor,
      flows: options.flows,
      runs: options.runs,
      summaries: new Map(),
      tscHz: oneFrequency(frequencies),
    }),
    ratio: ratioOf(found, ovsDpdk.name),
    latency: found,
  };
}

/** Both ports are shared memory with the generator. */
export async function memifWorkload(rules: RuleSet, scope: Scope): Promise<Workload> {
  const workload = await makeWorkload({ rules, sources: {}, sinks: ['source', 'sink'] }, scope);
  const ports = workload.ports.map(({ name }) => ({ name, memif: join(workload.directory, `${name}.sock`) }));
  return { ...workload, ports };
}

/** A fresh process, ended after the loads. */
const ofSwitch = (subject: Subject, workload: Workload, options: Options, parent: Scope): Promise<Stays> =>
  withScope(async (scope) => {
    await subject.start(workload, { kind: 'measure' }, scope);
    const [source = '', sink = ''] = workload.ports.map(({ memif }) => memif);
    // The first send queue of Open vSwitch is its main thread's.
    return measureStays(throughSwitch(source, sink, subject.name === ovsDpdk.name ? 2 : 1), options);
  }, parent);
