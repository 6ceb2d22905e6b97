import type { PortNumber } from './ids.js';
import type { FieldName } from './match.js';

/**
 * Action names in the order of their numbers at the native boundary; the addon's list (native/action/list.h) is compared with this
 * one when it is loaded.
 */
export const actionNames = ['output', 'drop', 'set_field', 'dec_ttl', 'arp_reply'] as const;

/** A port in a flow: by name, by number, or OpenFlow's reserved IN_PORT. */
export type OutputPort = string | number;

/** An action as people and the API write it: a union on `type`. */
export type ActionText =
  | { readonly type: 'output'; readonly port: OutputPort }
  | { readonly type: 'drop'; readonly reason?: ExplicitDropReason }
  | { readonly type: 'set_field'; readonly field: SettableField; readonly value: string | number }
  | { readonly type: 'dec_ttl' }
  | { readonly type: 'arp_reply'; readonly mac: string };

/** An action in canonical form: ports are numbers, values are integers. */
export type Action =
  | { readonly type: 'output'; readonly port: PortNumber | 'in_port' }
  | { readonly type: 'drop'; readonly reason: ExplicitDropReason }
  | { readonly type: 'set_field'; readonly field: SettableField; readonly value: bigint }
  | { readonly type: 'dec_ttl' }
  /** Turns an ARP request into the reply that says `mac` has the address asked for (RFC 826); the frame goes back to its sender. */
  | { readonly type: 'arp_reply'; readonly mac: bigint };

export const settableFields = ['eth_dst', 'eth_src'] as const satisfies readonly FieldName[];
export type SettableField = (typeof settableFields)[number];

/**
 * Why a packet was not forwarded, in the order of the native list (native/meter/drop_reasons.h); compared when the addon is loaded.
 */
export const dropReasons = [
  /** No rule of the packet's table matched it. */
  'table_miss',
  /** A rule with action drop, or with no output at all. */
  'rule_drop',
  /** No policy lets the sender's tenant reach the destination's. */
  'policy_refused',
  /** From the uplink, for an address that no tenant has. */
  'unknown_destination',
  /** Shorter than an Ethernet header. */
  'runt_frame',
  /** A header that a rule needs is cut short or contradicts itself. */
  'malformed_header',
  /** dec_ttl found a TTL or hop limit of 1 or 0. */
  'ttl_expired',
  /** Output to the port it came from, without asking for `in_port`. */
  'output_is_ingress',
  /** Output to a port that is gone. */
  'output_port_gone',
  /** The egress port's transmit queue did not take it. */
  'tx_queue_full',
  /** No packet buffer was free for a copy. */
  'no_buffer',
  /** An action needs a header which the packet has not. */
  'action_without_header',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** The reasons a rule may give for its drop. */
export const explicitDropReasons = ['rule_drop', 'policy_refused'] as const satisfies readonly DropReason[];
export type ExplicitDropReason = (typeof explicitDropReasons)[number];
