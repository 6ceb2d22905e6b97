import type { Action } from '../../../src/model/action.js';
import type { HeaderName } from '../../../src/model/header.js';
import type { FieldName } from '../../../src/model/match.js';
import type { Program } from './state.js';

const ip: readonly HeaderName[] = ['ether_type', 'ipv4', 'ipv6'];
const transport: readonly HeaderName[] = [...ip, 'transport'];

/** Headers that must be whole for a field to be known; what lies before them included. */
function headersOfField(field: FieldName): readonly HeaderName[] {
  if (field === 'eth_type' || field.startsWith('vlan_')) return ['ether_type'];
  if (field.startsWith('arp_')) return ['ether_type', 'arp'];
  if (field.startsWith('ipv6_nd_')) return [...transport, 'neighbour'];
  if (/^(tcp|udp|sctp|icmpv[46])_/.test(field)) return transport;
  return /^ip(v[46])?_/.test(field) ? ip : [];
}

function headersOfAction(action: Action): readonly HeaderName[] {
  switch (action.type) {
    case 'set_field':
      // A new address changes the checksum of the transport header.
      return /^ipv[46]_(src|dst)$/.test(action.field) ? transport : headersOfField(action.field);
    case 'dec_ttl':
      return ip;
    case 'push_vlan':
    case 'pop_vlan':
      return ['ether_type'];
    case 'arp_reply':
      return ['ether_type', 'arp'];
    case 'write_actions':
      return action.actions.flatMap(headersOfAction);
    default:
      return [];
  }
}

/** Headers that some flow or group needs. A packet in which one of them is broken is no packet for them. */
export function headersOf({ flows, groups }: Program): ReadonlySet<HeaderName> {
  const actions = [
    ...flows.flatMap((flow) => flow.actions),
    ...groups.flatMap(({ buckets }) => buckets.flatMap((b) => b.actions)),
  ];
  const fields = flows.flatMap((flow) => [...flow.match.keys()]);
  return new Set([...fields.flatMap(headersOfField), ...actions.flatMap(headersOfAction)]);
}
