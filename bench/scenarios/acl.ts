import { forwarding } from '../forwarding.js';
import { ovsDpdkSmc } from '../peers/ovs-dpdk.js';
import { aclWork, anyAddress, prefixPairs, thirtyShapes } from '../rules/acl.js';

const aclOf = (name: string, flows: number) =>
  forwarding({
    name,
    title: `${name}: 1,000 rules of 30 mask shapes → set eth_src, set eth_dst, output`,
    flows,
    maxFlows: 100_000,
    work: (count) => aclWork(1000, thirtyShapes, count),
  });

/** Open vSwitch's exact-match cache hides its classifier. */
export const acl1k1k = aclOf('acl-1k-1k', 1000);
export const acl1k100k = aclOf('acl-1k-100k', 100_000);

/** As many masks as rules; Open vSwitch with its signature match cache as well. */
export const masks256 = forwarding({
  name: 'masks-256',
  title: 'masks-256: 256 rules of 256 masks → set eth_src, set eth_dst, output',
  flows: 100_000,
  maxFlows: 100_000,
  others: () => [ovsDpdkSmc],
  work: (flows) => aclWork(256, prefixPairs, flows, anyAddress),
});
