import { makeWorkload, proveAll, type Work } from '../forwarding.js';
import { memoryKib } from '../measure/memory.js';
import { measureAll, type Entry } from '../measure/session.js';
import { round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import { aside, attackFrames, attackRules, inTurn, ordinaryFrames, victimFrames } from '../rules/attack.js';
import type { Options, Scenario } from '../scenario.js';
import type { Subject } from '../subject.js';
import type { Scope } from '../support/scope.js';

const peer = ovsDpdk;

/** Every other frame is the victim's; what it costs is the worker's time by the victim's packets, shared out evenly. */
const work = (others: readonly Buffer[]): Work => ({
  rules: { flows: attackRules },
  sources: { source: inTurn(victimFrames(others.length), others) },
  sinks: ['sink', aside],
  counted: ['sink'],
});

/** A victim's cycles while its neighbour attacks, over those beside ordinary traffic of the same rate. */
export const tse: Scenario = {
  name: 'tse',
  title:
    'tse: a victim beside tuple-space-explosion traffic of the same rate; cycles for a packet of the victim and one of its neighbour',
  subjects: ['ours', peer.name],
  defaultFlows: 16_384,
  maxFlows: 50_000,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects: Subject[] = [oursIn(options.tree), peer].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const traffics = [
    { traffic: 'ordinary', work: work(ordinaryFrames(options.flows)) },
    { traffic: 'attack', work: work(attackFrames(options.flows)) },
  ];
  const entries: Entry[] = [];
  const memory = new Map<string, number>();
  for (const { traffic, work: one } of traffics) {
    const workload = await makeWorkload(one, scope);
    await proveAll(subjects, workload, one, [], options, scope);
    for (const subject of subjects)
      entries.push({
        name: traffic === 'attack' ? subject.name : `${subject.name}-ordinary`,
        subject,
        workload,
        after: async ({ pid }) => void memory.set(`${subject.name}-${traffic}`, await memoryKib(pid)),
      });
  }
  const measured = await measureAll(entries, options, scope);
  const slowdown = (name: string): number | null => {
    const [attack, ordinary] = [measured.summaries.get(name), measured.summaries.get(`${name}-ordinary`)];
    return attack && ordinary ? round(attack.median / ordinary.median, 3) : null;
  };
  const growth = (name: string): number | null => {
    const [attack, ordinary] = [memory.get(`${name}-attack`), memory.get(`${name}-ordinary`)];
    return attack === undefined || ordinary === undefined ? null : attack - ordinary;
  };
  return makeResult({
    ...withoutFloor('tse', peer.name, options),
    ...measured,
    extra: {
      slowdown: slowdown('ours'),
      peerSlowdown: slowdown(peer.name),
      memoryGrowthKib: { ours: growth('ours'), peer: growth(peer.name) },
    },
  });
}
