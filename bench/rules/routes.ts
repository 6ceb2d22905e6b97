import type { FlowText } from '../../src/model/flow.js';
import { dataLines } from '../../test/conformance/data.js';
import { Random } from '../../test/conformance/random.js';
import type { Work } from '../forwarding.js';
import { ipv4Frame } from '../support/frames.js';
import { ipv4Mask, parseIpv4Prefix, prefixText, type Ipv4Prefix } from '../support/ipv4.js';
import { forward, hopMac } from './actions.js';

/** Lengths of a provider's routes: two thirds are of the longest few. */
const lengths = [12, 14, 16, 17, 18, 19, 20, 21, 22, 22, 23, 23, 24, 24, 24, 24, 24, 26, 28, 32] as const;

/** Different prefixes of mixed lengths in 10.0.0.0/8. */
export function randomRoutes(count: number): Ipv4Prefix[] {
  const random = new Random(3);
  const routes = new Map<string, Ipv4Prefix>();
  while (routes.size < count) {
    const length = random.pick(lengths);
    const address = ((0x0a000000 + random.below(2 ** 24)) & ipv4Mask(length)) >>> 0;
    routes.set(`${address}/${length}`, { address, length });
  }
  return [...routes.values()];
}

/** The first IPv4 prefixes of a full table as the Internet has it, in random order. */
export const bgpRoutes = (count: number): Ipv4Prefix[] =>
  bgpLines((line) => !line.includes(':'))
    .slice(0, count)
    .map(parseIpv4Prefix);

/** Lines of a full table as the Internet has it, in random order. */
export function bgpLines(wanted: (line: string) => boolean): string[] {
  const lines = dataLines('routes', 'prefixes.txt.gz').filter(wanted);
  const random = new Random(4);
  for (let i = lines.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const [a = '', b = ''] = [lines[i], lines[j]];
    [lines[i], lines[j]] = [b, a];
  }
  return lines;
}

/** A router's rule: the longest prefix wins. */
export const routeFlow = (route: Ipv4Prefix, hop: number): FlowText => ({
  priority: route.length,
  match: { eth_type: 0x0800, ipv4_dst: prefixText(route) },
  actions: [{ type: 'dec_ttl' }, ...forward(hopMac(hop))],
});

/** Any address of a route, by its host bits at random. */
export const addressIn = ({ address, length }: Ipv4Prefix, random: Random): number =>
  ((address & ipv4Mask(length)) | (random.below(2 ** 32) & ~ipv4Mask(length))) >>> 0;

/** Routes, and frames to addresses at random within routes chosen at random. */
export function routesWork(routes: readonly Ipv4Prefix[], flows: number): Work {
  const random = new Random(5);
  const frames = Array.from({ length: flows }, (_, i) =>
    ipv4Frame({ src: 0xc0a80001, dst: addressIn(random.pick(routes), random), srcPort: 1024 + (i % 50_000) }),
  );
  return { rules: { flows: routes.map(routeFlow) }, sources: { source: frames } };
}
