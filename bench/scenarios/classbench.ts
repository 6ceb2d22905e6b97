import { forwarding } from '../forwarding.js';
import { worstOf } from '../result.js';
import { classbenchWork } from '../rules/classbench.js';
import type { Scenario } from '../scenario.js';
import { withScope } from '../support/scope.js';

const sets = ['fw1', 'acl1', 'ipc1'] as const;
const flows = 100_000;

const parts = sets.map((set) =>
  forwarding({
    name: `classbench-10k-${set}`,
    title: `classbench-10k: ${set}, some 10,000 filters → set eth_src, set eth_dst, output`,
    flows,
    maxFlows: flows,
    work: (count) => classbenchWork(`${set}_10k.gz`, count),
  }),
);

/** Three of ClassBench's filter sets, one after the other; the result is that of the worst, with all beside it. */
export const classbench10k: Scenario = {
  name: 'classbench-10k',
  title: `classbench-10k: ${sets.join(', ')}, some 10,000 filters each; the set with the worst ratio`,
  subjects: parts[0]?.subjects ?? [],
  defaultFlows: flows,
  maxFlows: flows,
  comparable: true,
  run: async (options, scope) => {
    const results = [];
    for (const part of parts) {
      options.log(part.name);
      results.push(await withScope((inner) => part.run(options, inner), scope));
    }
    return { ...worstOf(results), scenario: 'classbench-10k', sets: results };
  },
};
