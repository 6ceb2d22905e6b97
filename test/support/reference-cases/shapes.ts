import type { OneOfMany } from './many.js';

/** What is odd about a packet: each is left out where it is not. */
export interface Shape {
  /** From the outermost on. */
  readonly tags?: readonly { readonly type: number; readonly tci: number }[] | undefined;
  readonly arp?: 'token_ring' | 'ipv6' | undefined;
  readonly ip?: IpShape | undefined;
  readonly transport?: TransportShape | undefined;
  readonly tunnel?: TunnelShape | undefined;
  readonly payload: number;
  /** Bytes that are left of the frame. */
  readonly cut?: number | undefined;
  /** Bytes behind the end of what the frame holds. */
  readonly padding?: number | undefined;
}

export interface IpShape {
  readonly version?: number | undefined;
  /** Added to what the header says of its packet's length. */
  readonly lengthError?: number | undefined;
  readonly noLength?: boolean | undefined;
  readonly wrongChecksum?: boolean | undefined;
  /** IPv4: words of options; `headerWords` is what the header says there are, in all. */
  readonly options?: number | undefined;
  readonly headerWords?: number | undefined;
  readonly fragment?: FragmentKind | undefined;
  /** IPv6: extension headers in their order. */
  readonly extensions?: readonly ExtensionShape[] | undefined;
}

export const fragmentKinds = ['none', 'atomic', 'first', 'middle', 'last'] as const;
export type FragmentKind = (typeof fragmentKinds)[number];

export interface ExtensionShape {
  readonly kind: 'hop_by_hop' | 'destination' | 'routing' | 'authentication' | FragmentKind;
  /** Its length beyond the least. */
  readonly more: number;
  readonly segmentsLeft: number;
}

export interface TransportShape {
  /** `zero_soon`: one that comes to 0 when the destination port becomes that of the pool's second value. */
  readonly checksum?: 'none' | 'wrong' | 'zero_soon' | undefined;
  readonly dataOffset?: number | undefined;
  /** Of UDP, added to its length. */
  readonly lengthError?: number | undefined;
  /** Of neighbour discovery: each option's type and its length in words of 8 bytes. */
  readonly options?: readonly { readonly type: number; readonly words: number }[] | undefined;
}

/** What a UDP packet carries instead of plain bytes. */
export interface TunnelShape {
  readonly kind: 'vxlan' | 'geneve';
  readonly vni: number;
  /** Bits that differ from those that are right, in the first four bytes. */
  readonly flipped?: number | undefined;
  readonly options?: number | undefined;
  readonly inner: Frame;
}

/** A packet to be built: a place in the pool for each field, and what is odd. */
export interface Frame {
  readonly dice: readonly number[];
  readonly shape: Shape;
}

/** A packet, at one of the first four ports; it has what these flows of the case match. */
export interface PacketSpec {
  readonly inPort: number;
  readonly aims: readonly number[];
  readonly many?: OneOfMany | undefined;
  readonly frame: Frame;
}
