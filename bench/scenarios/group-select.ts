import { forwarding } from '../forwarding.js';
import { forward, hopMac } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';

const members = 16;

/** A load balancer's last step: one of 16 next hops by the flow's hash. */
const groupSelectOf = (name: string, defaultFlows: number) =>
  forwarding({
    name,
    title: `${name}: in_port, ipv4_dst → select one of ${members} next hops: set eth_src, set eth_dst, output`,
    flows: defaultFlows,
    work: (flows) =>
      oneRule(flows, [{ type: 'group', group: 1 }], {
        groups: [
          {
            group: 1,
            type: 'select',
            buckets: Array.from({ length: members }, (_, i) => ({ weight: 1, actions: forward(hopMac(i)) })),
          },
        ],
      }),
  });

export const groupSelect = groupSelectOf('group-select', 1000);
export const groupSelect100k = groupSelectOf('group-select-100k', 100_000);
