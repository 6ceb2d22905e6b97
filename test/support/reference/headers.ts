import type { Action } from '../../../src/model/action.js';
import type { HeaderName } from '../../../src/model/header.js';
import type { FieldName } from '../../../src/model/match.js';
import type { Parsed } from './parse.js';
import type { Program } from './state.js';

const ipv4: readonly HeaderName[] = ['ether_type', 'ipv4'];
const ipv6: readonly HeaderName[] = ['ether_type', 'ipv6'];
const transport: readonly HeaderName[] = [...ipv4, ...ipv6, 'transport'];

/** Headers that must be whole for a field to be known; what lies before them included. */
function headersOfField(field: FieldName): readonly HeaderName[] {
  if (field === 'eth_type' || field.startsWith('vlan_')) return ['ether_type'];
  if (field.startsWith('arp_')) return ['ether_type', 'arp'];
  if (field.startsWith('ipv6_nd_')) return [...ipv6, 'transport', 'neighbour'];
  if (/^(tcp|udp|sctp)_/.test(field)) return transport;
  if (field.startsWith('icmp')) return [...(field.startsWith('icmpv4') ? ipv4 : ipv6), 'transport'];
  if (field.startsWith('ip_')) return [...ipv4, ...ipv6];
  if (field.startsWith('ipv4_')) return ipv4;
  return field.startsWith('ipv6_') ? ipv6 : [];
}

function headersOfAction(action: Action): readonly HeaderName[] {
  switch (action.type) {
    case 'set_field':
      if (action.field === 'eth_dst' || action.field === 'eth_src') return [];
      // A new address or protocol changes the checksum of the transport header.
      if (/^ipv[46]_(src|dst)$|^ip_proto$/.test(action.field)) return [...headersOfField(action.field), 'transport'];
      return headersOfField(action.field);
    case 'dec_ttl':
      return [...ipv4, ...ipv6];
    case 'push_vlan':
    case 'pop_vlan':
      return ['ether_type'];
    case 'arp_reply':
      return ['ether_type', 'arp'];
    case 'nd_reply':
      return [...ipv6, 'transport', 'neighbour'];
    case 'icmp_reply':
      return [...ipv4, ...ipv6];
    case 'encap':
    case 'decap':
    case 'conntrack':
      return transport;
    default:
      return [];
  }
}

/**
 * Headers that are read of the packets of a port: those that the flows which they can meet ask for, by match or action, or the groups to
 * which these send. A packet in which one of them is broken is no packet for them; what is not read cannot be broken.
 */
export function headersOf(program: Program, inPort: number): ReadonlySet<HeaderName> {
  const headers = new Set<HeaderName>();
  const tables = new Set([0]);
  const read = (actions: readonly Action[]): void => {
    for (const action of actions) {
      for (const header of headersOfAction(action)) headers.add(header);
      if (action.type === 'goto_table' || action.type === 'resubmit') tables.add(action.table);
      if (action.type === 'write_actions') read(action.actions);
      if (action.type === 'group') readGroup(action.group);
    }
  };
  const readGroup = (number: number): void => {
    const group = program.groups.find((candidate) => candidate.group === number);
    // Its choice is by a hash of the flow.
    if (group?.type === 'select') for (const header of transport) headers.add(header);
    for (const { actions } of group?.buckets ?? []) read(actions);
  };
  // Those to which its flows lead are added on the way.
  for (const here of tables)
    for (const { table, match, actions } of program.flows) {
      const port = match.get('in_port')?.value;
      if (table !== here || (port !== undefined && port !== BigInt(inPort))) continue;
      for (const field of match.keys()) for (const header of headersOfField(field)) headers.add(header);
      read(actions);
    }
  return headers;
}

/** Whether a header is broken that is read, as are those before it. */
export const isMalformed = ({ broken, at }: Parsed, reads: ReadonlySet<HeaderName>): boolean =>
  broken !== undefined &&
  reads.has(broken) &&
  (at.ipv4 === undefined || reads.has('ipv4')) &&
  (at.ipv6 === undefined || reads.has('ipv6'));
