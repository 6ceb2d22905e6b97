import type { FlowText } from '../../src/model/flow.js';
import type { Work } from '../forwarding.js';
import { ipv4Frame } from '../support/frames.js';
import { ipv4Text } from '../support/ipv4.js';
import { Random } from '../../test/conformance/random.js';
import { forward } from './actions.js';

interface FiveTuple {
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** Different connections of 10.0.0.0/8, the same for every count. */
function fiveTuples(count: number): FiveTuple[] {
  const random = new Random(1);
  const port = () => 1024 + random.below(60_000);
  return Array.from({ length: count }, (_, i) => ({
    src: 0xc0a80000 + random.below(65_536),
    dst: 0x0a000000 + i,
    srcPort: port(),
    dstPort: port(),
  }));
}

export const exactFlow = ({ src, dst, srcPort, dstPort }: FiveTuple): FlowText => ({
  match: { eth_type: 0x0800, ip_proto: 17, ipv4_src: ipv4Text(src), ipv4_dst: ipv4Text(dst), udp_src: srcPort, udp_dst: dstPort },
  actions: forward(),
});

/** So many five-tuple rules; and frames of so many of them, chosen at random where there are more rules. */
export function exactWork(rules: number, flows: number): Work {
  const tuples = fiveTuples(rules);
  const random = new Random(2);
  const chosen = rules <= flows ? tuples : Array.from({ length: flows }, () => random.pick(tuples));
  return { rules: { flows: tuples.map(exactFlow) }, sources: { source: chosen.map(ipv4Frame) } };
}

/** For changes of a table: `count` rules that `exactWork` does not have. */
export const newExactFlows = (count: number): FlowText[] =>
  fiveTuples(count).map((tuple) => exactFlow({ ...tuple, dst: tuple.dst + 0x02000000 }));
