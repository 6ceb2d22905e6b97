import { forwarding } from '../forwarding.js';
import { bgpRoutes, randomRoutes, routesWork } from '../rules/routes.js';
import { bgpRoutes6, routes6Work } from '../rules/routes6.js';
import type { Ipv4Prefix } from '../support/ipv4.js';

/** Routes by the longest prefix: dec_ttl, both MACs, one of 16 next hops. */
const lpmOf = (name: string, what: string, flows: number, routes: () => Ipv4Prefix[]) =>
  forwarding({
    name,
    title: `${name}: ${what} → dec_ttl, set eth_src, set eth_dst, output`,
    flows,
    maxFlows: 100_000,
    work: (count) => routesWork(routes(), count),
  });

export const lpm1k = lpmOf('lpm-1k', '1,000 routes', 1000, () => randomRoutes(1000));
export const lpm50k = lpmOf('lpm-50k', '50,000 routes', 100_000, () => randomRoutes(50_000));
export const lpmBgp = lpmOf('lpm-bgp', '900,000 routes of the Internet', 100_000, () => bgpRoutes(900_000));
export const lpm6Bgp = forwarding({
  name: 'lpm6-bgp',
  title: 'lpm6-bgp: 160,000 IPv6 routes of the Internet → dec_ttl, set eth_src, set eth_dst, output',
  flows: 100_000,
  maxFlows: 100_000,
  work: (count) => routes6Work(bgpRoutes6(160_000), count),
});
