import type { Action } from '../../model/action.js';
import { fieldOf, fullMask, matchFields, type FieldName, type Match } from '../../model/match.js';
import { packed } from '../../model/packed-match.js';
import { byKind } from './by-kind.js';
import { describeNeeds, exactValue, meets, needsOf } from './match-text.js';
import { vlanPresent, type ValueFault } from './value.js';

/**
 * What a list of actions may take for granted of a packet, at one place in the list: what the match says, as the actions before have
 * changed it (OpenFlow 1.3, section 7.2.5: OFPBAC_MATCH_INCONSISTENT).
 */
export interface Known {
  /** Nothing is known, and everything allowed: the packet inside a tunnel, or one that comes to a group. */
  readonly open: boolean;
  readonly exact: ReadonlyMap<FieldName, number>;
  /** VLAN tags that are there for certain. */
  readonly tags: number;
}

export const nothingKnown: Known = { open: true, exact: new Map(), tags: 0 };

/** The fields that actions hang on. */
const keys: ReadonlySet<FieldName> = new Set([
  ...matchFields.flatMap(({ needs }) => needs.flatMap((need) => Object.keys(need) as FieldName[])),
  'arp_op',
]);

/** What a match says; of packets of one kind it is one object. */
export const knownOf = (match: Match): Known => knownOfKind(packed(match));

const knownOfKind = byKind((match) => {
  const exact = new Map<FieldName, number>();
  for (const name of keys) {
    const value = exactValue(match, name);
    if (value !== undefined) exact.set(name, value);
  }
  const vlan = match.get('vlan_vid');
  return { open: false, exact, tags: vlan && (vlan.value & vlanPresent) !== 0n ? 1 : 0 };
});

/** What is known after an action. */
export function knownAfter(known: Known, action: Action): Known {
  switch (action.type) {
    case 'push_vlan':
      return { ...known, tags: known.tags + 1 };
    case 'pop_vlan':
      return { ...known, tags: Math.max(0, known.tags - 1) };
    case 'decap':
      return nothingKnown;
    case 'encap':
      return {
        open: false,
        exact: new Map([
          ['eth_type', action.family === 4 ? 0x0800 : 0x86dd],
          ['ip_proto', 17],
        ]),
        tags: 0,
      };
    case 'arp_reply':
      return withField(known, 'arp_op', 2);
    case 'nd_reply':
      return withField(known, 'icmpv6_type', 136);
    case 'set_field': {
      const whole = action.mask === fullMask(fieldOf(action.field).spec.bits);
      return keys.has(action.field) ? withField(known, action.field, whole ? Number(action.value) : undefined) : known;
    }
    default:
      return known;
  }
}

function withField(known: Known, name: FieldName, value: number | undefined): Known {
  const exact = new Map(known.exact);
  if (value === undefined) exact.delete(name);
  else exact.set(name, value);
  return { ...known, exact };
}

/** What an action asks of the packet and is not known. */
export function missing(known: Known, action: Action): ValueFault | undefined {
  if (known.open) return undefined;
  switch (action.type) {
    case 'set_field':
      return missingField(known, action.field);
    case 'dec_ttl':
      return missingField(known, 'ip_ttl');
    case 'pop_vlan':
      return missingField(known, 'vlan_vid');
    case 'arp_reply':
      return known.exact.get('eth_type') === 0x0806 && known.exact.get('arp_op') === 1
        ? undefined
        : { message: 'only an ARP request can be answered', remedy: 'match "eth_type": 2054 and "arp_op": 1' };
    case 'nd_reply':
      return known.exact.get('ip_proto') === 58 && known.exact.get('icmpv6_type') === 135
        ? undefined
        : {
            message: 'only a neighbour solicitation can be answered',
            remedy: 'match "eth_type": 34525, "ip_proto": 58 and "icmpv6_type": 135',
          };
    case 'icmp_reply':
      return missingField(known, 'ip_ttl');
    default:
      return undefined;
  }
}

function missingField({ exact, tags }: Known, name: FieldName): ValueFault | undefined {
  if (name === 'vlan_vid' || name === 'vlan_pcp')
    return tags > 0
      ? undefined
      : { message: 'it needs a VLAN tag', remedy: 'match "vlan_vid": "0x1000/0x1000" (any tag), or push_vlan before' };
  const needs = needsOf(name);
  if (needs.length === 0 || needs.some((alternative) => meets((field) => exact.get(field), alternative))) return undefined;
  const wanted = needs.map(describeNeeds).join(', or ');
  return { message: `only a packet with ${wanted} has ${name}`, remedy: `match ${wanted}` };
}
