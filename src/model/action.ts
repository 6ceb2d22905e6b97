import type { ExplicitDropReason } from './drop.js';
import type { PortNumber } from './ids.js';
import type { FieldName } from './match.js';

/**
 * Action names in the order of their numbers at the native boundary; the addon's list (native/action/list.h) is compared with this
 * one when it is loaded.
 */
export const actionNames = [
  'output',
  'drop',
  'set_field',
  'dec_ttl',
  'arp_reply',
  'push_vlan',
  'pop_vlan',
  'group',
  'meter',
  'mirror',
  'encap',
  'decap',
  'goto_table',
  'write_metadata',
  'write_actions',
  'clear_actions',
  'conntrack',
  'nd_reply',
  'icmp_reply',
  'punt',
  'resubmit',
] as const;

/** A port in a flow: by name, by number, or OpenFlow's reserved IN_PORT and FLOOD. */
export type OutputPort = string | number;

/** A number as JSON has it, or as text, decimal or `0x...`. */
export type NumberText = string | number;

export const tunnelKinds = ['vxlan', 'geneve'] as const;
export type TunnelKind = (typeof tunnelKinds)[number];

/** An action as people and the API write it: a union on `type`. */
export type ActionText =
  | { readonly type: 'output'; readonly port: OutputPort }
  | { readonly type: 'drop'; readonly reason?: ExplicitDropReason }
  /** `value` may be `value/mask`: the other bits stay as they are. */
  | { readonly type: 'set_field'; readonly field: SettableField; readonly value: NumberText }
  | { readonly type: 'dec_ttl' }
  /** OpenFlow's name for a set_field of ip_ttl, which it becomes. */
  | { readonly type: 'set_nw_ttl'; readonly ttl: number }
  | { readonly type: 'arp_reply'; readonly mac: string }
  | { readonly type: 'nd_reply'; readonly mac: string }
  | { readonly type: 'icmp_reply' }
  | { readonly type: 'push_vlan'; readonly ethertype?: NumberText }
  | { readonly type: 'pop_vlan' }
  | { readonly type: 'group'; readonly group: number }
  | { readonly type: 'meter'; readonly meter: number }
  | { readonly type: 'mirror'; readonly port: OutputPort; readonly one_in?: number; readonly max_bytes?: number }
  | EncapText
  | { readonly type: 'decap'; readonly tunnel: TunnelKind; readonly vnis: readonly number[] }
  | { readonly type: 'goto_table'; readonly table: number }
  | WriteMetadataText
  | { readonly type: 'write_actions'; readonly actions: readonly ActionText[] }
  | { readonly type: 'clear_actions' }
  | { readonly type: 'punt'; readonly handler: number }
  | { readonly type: 'resubmit'; readonly table: number }
  | ConntrackText;

/** The value may be `value/mask`; `metadata` and `metadata_mask` are OpenFlow's names for value and mask. */
export interface WriteMetadataText {
  readonly type: 'write_metadata';
  readonly value?: NumberText;
  readonly mask?: NumberText;
  readonly metadata?: NumberText;
  readonly metadata_mask?: NumberText;
}

/** Puts an Ethernet, IP, UDP and tunnel header around the packet (RFC 7348, RFC 8926). */
export interface EncapText {
  readonly type: 'encap';
  readonly tunnel: TunnelKind;
  /** 24 bits; `tunnel_id` takes the packet's own. */
  readonly vni: number | 'tunnel_id';
  readonly eth_src: string;
  readonly eth_dst: string;
  /** Both IPv4 or both IPv6. */
  readonly src: string;
  readonly dst: string;
  /** UDP destination port; 4789 for VXLAN and 6081 for Geneve where left out. */
  readonly udp_dst?: number;
  /** 64 where left out. */
  readonly ttl?: number;
  /** A DSCP, or `inherit` from the packet; 0 where left out. */
  readonly dscp?: number | 'inherit';
  /** Whether UDP has a checksum: false where left out over IPv4, true over IPv6. */
  readonly checksum?: boolean;
}

/** Looks the packet's connection up, or with `commit` makes it, as Open vSwitch's ct() (ovs-actions(7)). */
export interface ConntrackText {
  readonly type: 'conntrack';
  /** 0 where left out. Connections of one zone are not seen in another. */
  readonly zone?: number;
  readonly commit?: boolean;
  /** 32 bits of the connection; `value/mask` leaves the others as they are. With `commit` only. */
  readonly mark?: NumberText;
  /** 128 bits, likewise. */
  readonly label?: NumberText;
  readonly nat?: NatText;
  /** A goto_table in the same list. */
  readonly table?: number;
}

/** Without `src` and `dst`: what the connection has is done to the packet. */
export interface NatText {
  /** `A`, `A-B`, or a prefix for 1:1 by the host's bits. */
  readonly src?: string;
  readonly dst?: string;
  /** `L-H`, or one. */
  readonly ports?: NumberText;
  readonly random?: boolean;
  /** Endpoint-independent mapping (RFC 4787). */
  readonly persistent?: boolean;
  /** Ports of an inside address (RFC 7422). */
  readonly portBlock?: number;
}

/** An action in canonical form: ports are numbers, values are integers. */
export type Action =
  | { readonly type: 'output'; readonly port: PortNumber | 'in_port' | 'flood' }
  | { readonly type: 'drop'; readonly reason: ExplicitDropReason }
  | { readonly type: 'set_field'; readonly field: SettableField; readonly value: bigint; readonly mask: bigint }
  | { readonly type: 'dec_ttl' }
  /** Turns an ARP request into the reply that says `mac` has the address asked for (RFC 826); the frame goes back to its sender. */
  | { readonly type: 'arp_reply'; readonly mac: bigint }
  /** Turns a neighbour solicitation into the advertisement, by a router, that says so (RFC 4861, section 7.2.4). */
  | { readonly type: 'nd_reply'; readonly mac: bigint }
  /**
   * Turns an echo request into its reply (RFC 792, RFC 4443). What else is for the address is dropped as no_service, of TCP and UDP with a
   * word to the sender.
   */
  | { readonly type: 'icmp_reply' }
  | { readonly type: 'push_vlan'; readonly ethertype: number }
  | { readonly type: 'pop_vlan' }
  | { readonly type: 'group'; readonly group: number }
  | { readonly type: 'meter'; readonly meter: number }
  /** A copy of the packet as it is now: of one packet in `oneIn`, taken at random; at most `maxBytes` of it, 0: all. */
  | { readonly type: 'mirror'; readonly port: PortNumber; readonly oneIn: number; readonly maxBytes: number }
  | EncapAction
  | { readonly type: 'decap'; readonly tunnel: TunnelKind; readonly vnis: readonly number[] }
  | { readonly type: 'goto_table'; readonly table: number }
  | { readonly type: 'write_metadata'; readonly value: bigint; readonly mask: bigint }
  | { readonly type: 'write_actions'; readonly actions: readonly Action[] }
  | { readonly type: 'clear_actions' }
  /** To the tenant's plugins, of which the one with this number takes it; nothing follows. */
  | { readonly type: 'punt'; readonly handler: number }
  /** As goto_table, to any table, the same one too; at most maxResubmits times for a packet (ovs-actions(7)). */
  | { readonly type: 'resubmit'; readonly table: number }
  | ConntrackAction;

export interface EncapAction {
  readonly type: 'encap';
  readonly tunnel: TunnelKind;
  readonly vni: number | 'tunnel_id';
  readonly ethSrc: bigint;
  readonly ethDst: bigint;
  readonly family: 4 | 6;
  readonly src: bigint;
  readonly dst: bigint;
  readonly udpDst: number;
  readonly ttl: number;
  readonly dscp: number | 'inherit';
  readonly checksum: boolean;
}

/** Flat, so that two are compared as other actions are. */
export interface ConntrackAction {
  readonly type: 'conntrack';
  readonly zone: number;
  readonly commit: boolean;
  readonly mark: bigint;
  readonly markMask: bigint;
  readonly label: bigint;
  readonly labelMask: bigint;
  /** `known`: only what the connection has. */
  readonly nat: 'none' | 'known' | 'src' | 'dst';
  /** Of the range; 0 where there is none. */
  readonly family: 0 | 4 | 6;
  /** Of a prefix, the network in both. */
  readonly low: bigint;
  readonly high: bigint;
  /** 0 for a range. */
  readonly prefixBits: number;
  /** Both 0: any, by the rules of RFC 4787. */
  readonly portLow: number;
  readonly portHigh: number;
  readonly random: boolean;
  readonly persistent: boolean;
  /** 0: none. */
  readonly portBlock: number;
}

/**
 * Instructions, which OpenFlow 1.3 (section 5.9) does after the actions, in this order, wherever they stand in a list. A canonical list
 * has them last, each at most once.
 */
export const instructionNames = [
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
  'resubmit',
] as const satisfies readonly (typeof actionNames)[number][];

/** Of a rule, a bucket or an action set. */
export const maxActions = 64;
/** Numbers of plugins' handlers. */
export const maxHandler = 65535;
/** That one decap takes. */
export const maxVnis = 16;

/** What a packet has only to be matched cannot be set: where it came from, what the parser found out. */
export const settableFields = [
  'eth_dst',
  'eth_src',
  'eth_type',
  'vlan_vid',
  'vlan_pcp',
  'ip_dscp',
  'ip_ecn',
  'ip_proto',
  'ipv4_src',
  'ipv4_dst',
  'ipv6_src',
  'ipv6_dst',
  'tcp_src',
  'tcp_dst',
  'udp_src',
  'udp_dst',
  'icmpv4_type',
  'icmpv4_code',
  'icmpv6_type',
  'icmpv6_code',
  'arp_op',
  'arp_spa',
  'arp_tpa',
  'arp_sha',
  'arp_tha',
  'metadata',
  'tunnel_id',
  'ip_ttl',
  'sctp_src',
  'sctp_dst',
  'ipv6_flabel',
  'ipv6_nd_target',
  'ipv6_nd_sll',
  'ipv6_nd_tll',
] as const satisfies readonly FieldName[];
export type SettableField = (typeof settableFields)[number];
