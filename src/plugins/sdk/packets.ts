/** A punted packet while its handler runs. One object shows them all in turn: use `hold` to keep one for later. */
export interface Packet {
  /** Number of the port that it came in by. */
  readonly port: number;
  /** Bytes of the Ethernet frame, without FCS. */
  readonly length: number;
  /** The frame itself, not a copy: it may be changed in place, and holds only until the handler returns. */
  readonly bytes: Uint8Array;
  /** The high 32 bits of the packet's `metadata`: bit i says that plugin i of the tenant is done with it. */
  readonly mark: number;
  /** Lets it go on: to the plugins that follow this one, then the tenant's own flows. Changes of `bytes` go with it. */
  forward(): void;
  /** Lets another frame go on in its place, 14 to 9728 bytes. */
  rewrite(frame: Uint8Array): void;
  /** Sends it out of a port of the tenant's own, past all flows. */
  output(port: number): void;
  /** Ends it: counted as dropped. So is a packet of which the handler says nothing. */
  drop(): void;
  /** Ends it: counted as consumed, for what the plugin answered or keeps itself. */
  consume(): void;
  /** Takes a copy with which a verdict can be given after the handler returned; until then it counts as consumed. */
  hold(): HeldPacket;
}

/** A copy of a punted packet that waits for its verdict. A second verdict does nothing. */
export interface HeldPacket {
  readonly port: number;
  readonly mark: number;
  readonly bytes: Uint8Array;
  forward(): void;
  rewrite(frame: Uint8Array): void;
  output(port: number): void;
  drop(): void;
}

/** Packets that came together, in their order. Iterating gives each in turn. */
export interface PacketBatch extends Iterable<Packet> {
  readonly size: number;
}

/** Runs to its end without waiting: what it does not say is dropped when it returns. */
export type PacketHandler = (batch: PacketBatch) => void;

/** Where a frame of the plugin's own goes. */
export type EmitTarget =
  /** Out of a port of the tenant's own, past all flows. */
  | { readonly out: number | string }
  /**
   * Through the tenant's tables, as if it came in by this port: past this plugin and those before it, or with `again` from the first
   * plugin on.
   */
  | { readonly in: number | string; readonly again?: boolean };
