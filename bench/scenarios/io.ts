import { forwarding } from '../forwarding.js';
import { oursWithoutRules } from '../ours-no-rules.js';
import { testpmd, testpmdIo } from '../peers/testpmd.js';
import { flowFrames } from '../support/frames.js';

/** What input and output cost: ours with the least rule there is, and with none, beside testpmd, which has none. */
export const io = forwarding({
  name: 'io',
  title: 'io: in_port → output; beside testpmd, which forwards without rules',
  flows: 1000,
  peer: testpmdIo,
  floor: testpmd,
  others: (tree) => [oursWithoutRules(tree)],
  work: (flows) => ({
    rules: { flows: [{ match: { in_port: 'source' }, actions: [{ type: 'output', port: 'sink' }] }] },
    sources: { source: flowFrames(flows) },
  }),
});
