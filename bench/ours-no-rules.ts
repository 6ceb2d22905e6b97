import { deviceRxPackets, oursIn } from './ours.js';
import type { Subject } from './subject.js';

/** This switch without a rule: it drops every packet (`table_miss`). Counted is what its devices received. */
export function oursWithoutRules(tree: string): Subject {
  const ours = oursIn(tree, 'ours-no-rules');
  return {
    ...ours,
    hasRules: false,
    start: async (workload, wiring, scope) => {
      const running = await ours.start({ ...workload, rules: { flows: [] } }, wiring, scope);
      const droppedPackets = async (): Promise<bigint> => {
        if ((await running.sentPackets()) > 0n) throw new Error('a switch without a rule has sent packets');
        let sum = 0n;
        for (const { name } of workload.ports) sum += deviceRxPackets(await running.send('GET', `/v1/ports/${name}`));
        return sum;
      };
      return { ...running, sentPackets: droppedPackets };
    },
  };
}
