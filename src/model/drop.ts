/** Of a packet; native/base/limits.h. */
export const maxResubmits = 32;

/**
 * Why a packet was not forwarded, and what that means, in the order of the native list (native/meter/drop_reasons.h); compared when the
 * addon is loaded.
 */
export const dropMeanings = {
  table_miss: "no rule of the packet's table matched it",
  rule_drop: 'a rule with action drop, or with no output at all',
  policy_refused: "no policy lets the sender's tenant reach the destination's",
  unknown_destination: 'from the uplink, for an address that no tenant has',
  runt_frame: 'shorter than an Ethernet header',
  malformed_header: 'a header that a rule needs is cut short or contradicts itself',
  ttl_expired: 'dec_ttl found a TTL or hop limit of 1 or 0',
  output_is_ingress: 'output to the port it came from, without asking for in_port',
  output_port_gone: 'output to a port that is gone',
  tx_queue_full: "the egress port's transmit queue did not take it",
  no_buffer: 'no packet buffer was free for a copy',
  action_without_header: 'an action needs a header which the packet has not',
  header_split: 'a header lies across segments of a packet that could not be made one',
  mtu_exceeded: "larger than the egress port's MTU",
  too_many_segments: 'in more segments than the egress device takes, and not to be made one',
  meter_exceeded: 'over the rate of a meter',
  no_live_bucket: 'a select or fast-failover group has no bucket that is alive',
  not_a_tunnel: 'what a decap was to take off is no such tunnel header',
  unknown_vni: "the packet's VNI is none of those that the decap names",
  no_headroom: 'no room before the packet for a header',
  ct_table_full: 'its connection would be one more than the switch tracks',
  ct_tenant_full: 'its connection would be one more than its tenant may have',
  ct_zone_full: 'its connection would be one more than its zone may have',
  ct_rate_exceeded: 'its tenant or zone begins more connections a second than it may',
  ct_nat_exhausted: 'no address and port was found free for its connection',
  ct_fragment: 'a later fragment, of whose connection nothing is known, or a fragment of SCTP that gets other ports',
  cycle_cap_exceeded: 'its tenant used as many cycles as it may at the most',
  cycle_share_exceeded: 'its tenant used its share of the cycles, and others need theirs',
  reply_rate_exceeded: "its tenant's gateways answer no more packets a second",
  no_service: 'for an address of the switch itself, which answers echo requests only',
  spoofed_source: 'from a tenant, with a MAC or IP address that is of no VM behind its port',
  own_address: "it came in with the port's own MAC address as its source",
  foreign_vlan: 'tagged, where the port carries one network without tags',
  no_plugin: 'punted, where no plugin of the tenant listens',
  punt_queue_full: "punted faster than the tenant's plugins take packets",
  punt_rate_exceeded: "punted more often than the tenant's plugins may be asked",
  resubmit_limit: `resubmitted more than ${maxResubmits} times`,
} as const;
export type DropReason = keyof typeof dropMeanings;
export const dropReasons = Object.keys(dropMeanings) as readonly DropReason[];

/** The reasons a rule may give for its drop. */
export const explicitDropReasons = [
  'rule_drop',
  'policy_refused',
  'spoofed_source',
  'own_address',
  'foreign_vlan',
] as const satisfies readonly DropReason[];
export type ExplicitDropReason = (typeof explicitDropReasons)[number];
