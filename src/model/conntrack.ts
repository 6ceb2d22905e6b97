/**
 * Connection tracking: its lists in the order of their numbers at the native boundary (native/state/ct_limits.h), which are compared
 * when the addon is loaded.
 */

/** What a connection is in: `first` and `bidirectional` are of all protocols but TCP, whose are the others. */
export const ctStates = [
  'first',
  'bidirectional',
  'syn_sent',
  'syn_recv',
  'established',
  'fin_wait',
  'last_ack',
  'time_wait',
  'closed',
] as const;
export type CtState = (typeof ctStates)[number];

/** What an entry is: a connection in a state, or an endpoint-independent mapping. */
export const ctEntryKinds = [...ctStates, 'mapping'] as const;
export type CtEntryKind = (typeof ctEntryKinds)[number];

/** Milliseconds without a packet after which a connection goes, by what it is in; Linux's. */
export const ctTimeoutDefaults = {
  tcp_syn_sent: 120_000,
  tcp_syn_recv: 60_000,
  tcp_established: 432_000_000,
  tcp_fin_wait: 120_000,
  tcp_last_ack: 30_000,
  tcp_time_wait: 120_000,
  tcp_closed: 10_000,
  udp_first: 30_000,
  udp_established: 120_000,
  icmp_first: 30_000,
  icmp_reply: 30_000,
  other_first: 60_000,
  other_established: 600_000,
} as const;
export type CtTimeout = keyof typeof ctTimeoutDefaults;
export const ctTimeouts = Object.keys(ctTimeoutDefaults) as readonly CtTimeout[];
/** 12 days. */
export const maxCtTimeoutMs = 2 ** 30;

/** Of a tenant. The last two say how many there are now, the others only grow. */
export const ctCounters = [
  'created',
  'expired',
  'closed',
  'evicted',
  'flushed',
  'table_full',
  'tenant_full',
  'zone_full',
  'rate_exceeded',
  'nat_exhausted',
  'fragments_dropped',
  'invalid_flags',
  'invalid_no_connection',
  'invalid_window',
  'invalid_header',
  'invalid_related_unknown',
  'entries',
  'half_open',
] as const;
export type CtCounter = (typeof ctCounters)[number];

/** Bits of `ct_state`, from bit 0 on, as ovs-fields(7) calls them. */
export const ctStateBits = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'] as const;

export const maxCtEntries = 2 ** 27;
export const maxCtZone = 0xffff;
