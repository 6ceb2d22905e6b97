import { makeWorkload, proveAll } from '../forwarding.js';
import { measureAll, type Entry } from '../measure/session.js';
import { round } from '../measure/stats.js';
import { prepareOurs, startOurs } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result, type Summaries } from '../result.js';
import { asTenants, neighbours, neighbourWork } from '../rules/neighbours.js';
import type { Options, Scenario } from '../scenario.js';
import type { Subject } from '../subject.js';
import type { Scope } from '../support/scope.js';

const peer = ovsDpdk;

const oursWithTenants = (tree: string): Subject => ({
  name: 'ours',
  hasRules: true,
  prepare: () => prepareOurs(tree),
  start: (workload, wiring, scope) => startOurs(tree, workload, wiring, scope, { config: asTenants }),
});

/** The worker's cycles by the victim's packets, alone and beside a flood; the victim has half of the worker by right. */
export const noisyNeighbour: Scenario = {
  name: 'noisy-neighbour',
  title: 'noisy-neighbour: cycles of the worker for each packet of a victim, beside a flood through an access list',
  subjects: ['ours', peer.name],
  defaultFlows: 16_384,
  maxFlows: 50_000,
  comparable: false,
  run,
};

const aloneOf = (name: string): string => `${name}-alone`;

/** Of the half of what it gets alone, percent. */
export function keepsPct(summaries: Summaries, name: string): number | null {
  const [flooded, alone] = [summaries.get(name), summaries.get(aloneOf(name))];
  return flooded && alone ? round(((2 * alone.median) / flooded.median) * 100, 1) : null;
}

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects = [oursWithTenants(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const entries: Entry[] = [];
  for (const [nameOf, sending] of [[aloneOf, ['victim']] as const, [(name: string) => name, neighbours] as const]) {
    const work = neighbourWork(options.flows, sending);
    const workload = await makeWorkload(work, scope);
    await proveAll(subjects, workload, work, [], options, scope);
    for (const subject of subjects) entries.push({ name: nameOf(subject.name), subject, workload });
  }
  const measured = await measureAll(entries, options, scope);
  return makeResult({
    ...withoutFloor(noisyNeighbour.name, peer.name, options),
    ...measured,
    extra: {
      victimKeepsPct: keepsPct(measured.summaries, 'ours'),
      peerVictimKeepsPct: keepsPct(measured.summaries, peer.name),
    },
  });
}
