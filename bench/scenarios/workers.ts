import { cpus } from 'node:os';
import { makeWorkload, proveAll } from '../forwarding.js';
import { measureAll, type Entry } from '../measure/session.js';
import { median, round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result, type Summaries } from '../result.js';
import { forward } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';
import type { Options, Scenario } from '../scenario.js';
import type { Subject } from '../subject.js';
import type { Scope } from '../support/scope.js';

const peer = ovsDpdk;

/** What two workers do over what one does, in time on their cores: 2 where neither costs the other a cycle. */
export const workers: Scenario = {
  name: 'workers',
  title: 'workers: a source of two queues that two workers poll; the work of p2p',
  subjects: ['ours', peer.name],
  defaultFlows: 1000,
  maxFlows: 10_000,
  comparable: false,
  run,
};

/** Where there is no third core, the second worker shares the first with everything else. */
export const coresOfTwo = (cores: number): readonly [number, number] => (cores < 3 ? [1, 0] : [1, 2]);

/** Packets in a second of time on each of `count` cores, over those of one alone. */
export function speedup(summaries: Summaries, name: string, count = 2): number | null {
  const [all, one] = [summaries.get(name), summaries.get(oneWorker(name))];
  return all && one ? round((count * one.median) / all.median, 3) : null;
}

const oneWorker = (name: string): string => `${name}-one-worker`;

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects: Subject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const cores = cpus().length; // this process itself is kept to one of them
  const work = oneRule(options.flows, forward());
  const one = await makeWorkload(work, scope);
  const two = { ...one, workerCores: coresOfTwo(cores) };
  await proveAll(subjects, one, work, [], options, scope);
  const rates = new Map<string, number[]>();
  const entryOf = (subject: Subject, name: string, workload: typeof one): Entry => ({
    ...{ name, subject, workload },
    after: async (_running, { packets, elapsedNs }) =>
      void rates.set(name, [...(rates.get(name) ?? []), (Number(packets) * 1e9) / Number(elapsedNs)]),
  });
  const entries = subjects.flatMap((subject) => [
    entryOf(subject, subject.name, two),
    entryOf(subject, oneWorker(subject.name), one),
  ]);
  const measured = await measureAll(entries, options, scope);
  return makeResult({
    ...withoutFloor(workers.name, peer.name, options),
    ...measured,
    extra: {
      speedup: speedup(measured.summaries, 'ours'),
      peerSpeedup: speedup(measured.summaries, peer.name),
      wallPacketsPerS: Object.fromEntries([...rates].map(([name, list]) => [name, Math.round(median(list))])),
      cores,
      ...(cores < 3
        ? { note: 'fewer than 3 cores: the second worker shares its core with the control plane and the kernel' }
        : {}),
    },
  });
}
