import type { FlowText } from '../../src/model/flow.js';
import { makeWorkload, type Work } from '../forwarding.js';
import { round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { prepareOvs } from '../peers/ovs-dpdk.js';
import type { Result } from '../result.js';
import { classbenchWork } from '../rules/classbench.js';
import { exactWork, newExactFlows } from '../rules/exact.js';
import type { Options, Scenario } from '../scenario.js';
import { withScope, type Scope } from '../support/scope.js';
import { ourUpdates, type OurUpdates } from '../updates/ours.js';
import { ovsUpdates, type OvsUpdates } from '../updates/ovs.js';

const traffic = 1000;
/** Rules of the one large transaction. */
const many = 100_000;

/** Tables that a rule is added to while their traffic is forwarded. */
const tables: readonly { readonly name: string; readonly work: () => Work; readonly fresh: () => FlowText[] }[] = [
  ...([1000, 100_000, 1_000_000] as const).map((rules) => ({
    name: `exact-${rules}`,
    work: () => exactWork(rules === 1_000_000 ? rules - 1000 : rules, traffic),
    fresh: () => newExactFlows(200),
  })),
  {
    name: 'acl-10k',
    work: () => classbenchWork('acl1_10k.gz', traffic),
    fresh: () =>
      classbenchWork('acl3_10k.gz', 1)
        .rules.flows.slice(0, 100)
        .map((flow, i) => ({ ...flow, priority: 100 + i })),
  },
];

/** How fast rules change beside traffic at full rate. `ratio` is that of the seconds for 100,000 rules at once. */
export const updates: Scenario = {
  name: 'updates',
  title: 'updates: rules that change beside traffic at full rate',
  subjects: ['ours', 'ovs-dpdk'],
  defaultFlows: traffic,
  maxFlows: traffic,
  comparable: false,
  run,
};

async function run(options: Options, scope: Scope): Promise<Result> {
  const asked = (name: string): boolean => options.only?.includes(name) ?? true;
  let ours: OurUpdates | undefined;
  let peer: OvsUpdates | undefined;
  const fresh = newExactFlows(many);
  if (asked('ours')) {
    const subject = oursIn(options.tree);
    await subject.prepare();
    ours = await ourUpdates(subject, tables, fresh, options, scope);
  }
  if (asked('ovs-dpdk')) {
    await prepareOvs();
    peer = await withScope(async (inner) => {
      const workload = await makeWorkload(exactWork(1000, traffic), inner);
      return ovsUpdates(workload, fresh, options, inner);
    }, scope);
  }
  return {
    scenario: 'updates',
    peer: 'ovs-dpdk',
    flows: traffic,
    cyclesPerPacket: { ours: null, peer: null },
    ratio: ours && peer ? round(ours.manyRulesS / peer.manyRulesS, 3) : null,
    runs: 1,
    spread: { ours: null, peer: null },
    floor: null,
    tscHz: ours?.tscHz ?? 0,
    ours,
    ovs: peer,
  };
}
