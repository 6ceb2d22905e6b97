import { forwarding } from '../forwarding.js';
import { exactWork } from '../rules/exact.js';

/** Five-tuple rules of UDP, each packet one of them. */
const exactOf = (name: string, rules: number, flows: number) =>
  forwarding({
    name,
    title: `${name}: ${rules} rules on five-tuples → set eth_src, set eth_dst, output`,
    flows,
    maxFlows: 100_000,
    work: (count) => exactWork(rules, count),
  });

export const exact1k = exactOf('exact-1k', 1000, 1000);
export const exact100k = exactOf('exact-100k', 100_000, 100_000);
/** The capture holds 100,000 of the flows: net_pcap keeps it in buffers. */
export const exact1m = exactOf('exact-1m', 1_000_000, 100_000);
