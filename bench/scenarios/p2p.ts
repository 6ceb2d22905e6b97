import { ours } from '../ours.js';
import { ovsDpdk } from '../peers/ovs-dpdk.js';
import { testpmd } from '../peers/testpmd.js';
import { flowFrames } from '../support/frames.js';
import type { Scenario } from '../scenario.js';

/** Wire to wire: one rule on `in_port` and `ipv4_dst`, both MACs rewritten; 60-byte UDP frames, a destination a flow. */
export const p2p: Scenario = {
  name: 'p2p',
  title: 'p2p: in_port, ipv4_dst → set eth_src, set eth_dst, output; 60-byte frames, one core',
  ours,
  peer: ovsDpdk,
  floor: testpmd,
  defaultFlows: 1000,
  maxFlows: 65_536,
  frames: flowFrames,
  rule: { ipv4Dst: '10.0.0.0/16', ethSrc: '02:00:00:00:00:12', ethDst: '02:00:00:00:00:11' },
};
