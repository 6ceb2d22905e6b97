import type { RuleTransaction } from '../../src/switch/types.js';

/** A transaction of these parts. */
export const transaction = (parts: Partial<RuleTransaction>): RuleTransaction => ({
  remove: [],
  add: [],
  steer: [],
  putGroups: [],
  removeGroups: [],
  putMeters: [],
  removeMeters: [],
  ...parts,
});
