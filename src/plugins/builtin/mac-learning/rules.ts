import type { PluginTopology, Rule } from '../../sdk/index.js';
import { ethType, familyOf } from '../shared/prefix.js';

/** An address, and the number of the port that it is behind. */
export type Place = readonly [mac: string, port: number];

/** Bit 0 of `metadata` says that the sender is known where it is. */
const unknown = '0/1';
const known = '1/1';

const priorities = {
  reserved: 4000,
  gateway: 3900,
  groupSender: 3800,
  sender: 3000,
  elsewhere: 2900,
  punt: 2000,
  receiver: 1000,
  flood: 500,
} as const;
/** Of the rules that punt senders who are not known. */
export const puntPriority = priorities.punt;

const onward: Rule['actions'] = [{ type: 'continue' }];

/**
 * @param fixed addresses that are behind one port for good.
 * @param learned the rules of these come first, the sender's of each in their order.
 */
export function bridgeRules(
  topology: PluginTopology,
  {
    fixed,
    learned,
    gateway,
  }: { readonly fixed: readonly Place[]; readonly learned: readonly Place[]; readonly gateway: boolean },
): Rule[] {
  const all = [...learned, ...fixed];
  return [
    ...all.map(([mac, port]): Rule => ({
      priority: priorities.sender,
      match: { in_port: port, eth_src: mac, metadata: unknown },
      actions: [
        { type: 'write_metadata', value: known },
        { type: 'resubmit', table: 0 },
      ],
    })),
    ...all.map(([mac, port]): Rule => ({
      priority: priorities.receiver,
      match: { eth_dst: mac, metadata: known },
      actions: [{ type: 'output', port }],
    })),
    ...fixed.map(([mac]): Rule => ({
      priority: priorities.elsewhere,
      match: { eth_src: mac, metadata: unknown },
      actions: [{ type: 'drop', reason: 'spoofed_source' }],
    })),
    { priority: priorities.flood, match: { metadata: known }, actions: [{ type: 'output', port: 'flood' }] },
    ...topology.ports.flatMap(({ mac }): Rule[] =>
      mac === undefined
        ? []
        : [
            {
              priority: priorities.groupSender,
              match: { eth_src: mac, metadata: unknown },
              actions: [{ type: 'drop', reason: 'own_address' }],
            },
          ],
    ),
    // Of the link itself: no bridge forwards it (IEEE 802.1Q, table 8-1).
    ...topology.ports.flatMap(({ number }): Rule[] => [
      {
        priority: priorities.reserved,
        match: { in_port: number, eth_dst: '01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0' },
        actions: [{ type: 'drop' }],
      },
      {
        priority: priorities.groupSender,
        match: { in_port: number, eth_src: '01:00:00:00:00:00/01:00:00:00:00:00' },
        actions: [{ type: 'drop' }],
      },
      // The switch drops what has a tag of a VM's own.
      { priority: priorities.reserved, match: { in_port: number, vlan_vid: '0x1000/0x1000' }, actions: onward },
    ]),
    ...(gateway ? gatewayRules(topology) : []),
  ];
}

/** What is for the tenant's router, which the switch is. */
const gatewayRules = ({ ports, networks }: PluginTopology): Rule[] =>
  [
    ...ports.flatMap(({ mac }) => (mac === undefined ? [] : [{ eth_dst: mac }])),
    ...networks.map(({ gateway }) =>
      familyOf(gateway) === 4
        ? { eth_type: 0x0806, arp_op: 1, arp_tpa: gateway }
        : { eth_type: ethType[6], ip_proto: 58, icmpv6_type: 135, ipv6_nd_target: gateway },
    ),
  ].map((match) => ({ priority: priorities.gateway, match, actions: onward }));
