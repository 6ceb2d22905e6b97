import { forwarding } from '../forwarding.js';
import { imixWork } from '../rules/imix.js';

/** One tenant as a cloud has it, in three tables, with frames of 60, 590 and 1514 bytes at 28:16:4. */
export const imix = forwarding({
  name: 'imix',
  title: 'imix: anti-spoofing, 200 security rules, 1,000 routes; 60, 590 and 1514 bytes at 28:16:4',
  flows: 10_000,
  maxFlows: 50_000,
  work: imixWork,
});
