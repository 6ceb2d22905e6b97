import { formatIp, parsePrefix, type IpPrefix } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { Random } from '../../test/conformance/random.js';
import type { Work } from '../forwarding.js';
import { ipv6Frame } from '../support/frames.js';
import { forward, hopMac } from './actions.js';
import { bgpLines } from './routes.js';

/** The first IPv6 prefixes of a full table as the Internet has it, in random order. */
export const bgpRoutes6 = (count: number): IpPrefix[] =>
  bgpLines((line) => line.includes(':'))
    .slice(0, count)
    .flatMap((line) => parsePrefix(line) ?? []);

const routeFlow = (route: IpPrefix, hop: number): FlowText => ({
  priority: route.length,
  match: { eth_type: 0x86dd, ipv6_dst: `${formatIp(route)}/${route.length}` },
  actions: [{ type: 'dec_ttl' }, ...forward(hopMac(hop))],
});

/** Routes, and frames to addresses at random within routes chosen at random. */
export function routes6Work(routes: readonly IpPrefix[], flows: number): Work {
  const random = new Random(5);
  const frames = Array.from({ length: flows }, (_, i) => {
    const { value, length } = random.pick(routes);
    return ipv6Frame({ dst: value | random.bits(128 - length), srcPort: 1024 + (i % 50_000) });
  });
  return { rules: { flows: routes.map(routeFlow) }, sources: { source: frames } };
}
