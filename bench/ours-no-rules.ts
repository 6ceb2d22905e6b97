import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { oursIn } from './ours.js';
import type { Subject } from './subject.js';

const Received = Type.Object({
  device: Type.Object({ queues: Type.Array(Type.Object({ rxPackets: Type.Integer({ minimum: 0 }) }), { minItems: 1 }) }),
});

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

/** What a port's device received, over all its queues, in an answer of `GET /v1/ports/NAME`. */
export function deviceRxPackets(answer: unknown): bigint {
  if (Value.Check(Received, answer)) return answer.device.queues.reduce((sum, queue) => sum + BigInt(queue.rxPackets), 0n);
  throw new Error(`not an open port: ${JSON.stringify(answer)}`);
}
