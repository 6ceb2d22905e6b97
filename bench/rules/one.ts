import type { ActionText } from '../../src/model/action.js';
import type { Work } from '../forwarding.js';
import type { RuleSet } from '../subject.js';
import { flowFrames } from '../support/frames.js';

/**
 * One rule, `in_port, ipv4_dst -> actions`, and a frame for each of so many destinations in its prefix. With `ipv4_dst` in it: a rule on
 * `in_port` alone would take Open vSwitch's simple-match shortcut.
 */
export const oneRule = (flows: number, actions: readonly ActionText[], more: Omit<RuleSet, 'flows'> = {}): Work => ({
  rules: { flows: [{ match: { in_port: 'source', eth_type: 0x0800, ipv4_dst: '10.0.0.0/8' }, actions }], ...more },
  sources: { source: flowFrames(flows) },
});
