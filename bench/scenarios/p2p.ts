import { forwarding } from '../forwarding.js';
import { forward } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';

/** Wire to wire: one rule on `in_port` and `ipv4_dst`, both MACs rewritten; a destination a flow. */
const p2pOf = (name: string, flows: number) =>
  forwarding({
    name,
    title: `${name}: in_port, ipv4_dst → set eth_src, set eth_dst, output; 60-byte frames, one core`,
    flows,
    work: (count) => oneRule(count, forward()),
  });

export const p2p = p2pOf('p2p', 1000);
/** More flows than Open vSwitch's caches hold. */
export const p2p100k = p2pOf('p2p-100k', 100_000);
