import type { DropReason } from '../../../src/model/drop.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Group } from '../../../src/model/group.js';
import type { HeaderName } from '../../../src/model/header.js';
import type { FieldName } from '../../../src/model/match.js';
import type { Connections } from './conntrack.js';
import { parsePacket, type Parsed } from './parse.js';

/** What a switch is set to. */
export interface Program {
  readonly flows: readonly Flow[];
  readonly groups: readonly Group[];
  /** Numbers of the ports there are, in flooding order. */
  readonly ports: readonly number[];
  /** Those whose link is down; a packet may be sent to them all the same. */
  readonly down?: readonly number[];
  /** Says which of so many where OpenFlow leaves it open; the first where left out. */
  readonly pick?: (options: number, what: Choice) => number;
  /** Whether the tenant has plugins. */
  readonly listens?: boolean;
  /** Of the tenant whose packets run through it; none are kept where left out. */
  readonly connections?: Connections;
  /** What is done as the native data plane does it, though that is wrong. */
  readonly departs?: ReadonlySet<Departure>;
}

/** Where the native data plane is known to be wrong; test/support/reference-cases/known.ts has the reasons. */
export type Departure = 'decap_ecn' | 'geneve_control';

/** Between flows of equal priority that match, or between the buckets of a select group that are alive. */
export type Choice = 'flow' | { readonly group: Group; readonly alive: readonly number[]; readonly flow: number };

export interface Output {
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** What a table was asked, and the flow that it found. */
export interface Step {
  readonly table: number;
  readonly flow: Flow | undefined;
  readonly fields: ReadonlyMap<FieldName, bigint>;
  readonly bytes: Uint8Array;
}

export interface Outcome {
  readonly out: Output[];
  readonly steps: Step[];
  /** Numbers of the plugins' handlers that got it. */
  readonly punted: number[];
  /** Why the packet ended before an output, and copies of it. */
  readonly drops: DropReason[];
  /** By how many bytes the packet, or a copy of it, became longer at the most. */
  grown: number;
}

/** A packet's run through a program. */
export interface Run {
  readonly program: Program;
  readonly outcome: Outcome;
  /** Headers that are read: where one of them is broken, the packet ends. */
  readonly reads: ReadonlySet<HeaderName>;
}

export interface ConnectionFields {
  readonly state: number;
  readonly zone: number;
  readonly mark: bigint;
}

const unknownConnection: ConnectionFields = { state: 0, zone: 0, mark: 0n };

/** A packet on its way. Buckets of groups work on copies. */
export class Packet {
  parsed: Parsed;
  /** It was output, or given to a group: its end is no loss. */
  sent = false;
  /** Bytes that it had at the least. */
  #least: number;

  constructor(
    readonly inPort: number,
    public bytes: Uint8Array,
    public metadata = 0n,
    public tunnelId = 0n,
    /** What the last conntrack found. */
    public connection: ConnectionFields = unknownConnection,
  ) {
    this.parsed = parsePacket(bytes);
    this.#least = bytes.length;
  }

  /** By how many bytes it is longer than it was before. */
  get grown(): number {
    this.#least = Math.min(this.#least, this.bytes.length);
    return this.bytes.length - this.#least;
  }

  /** @param moves whether it has the packet's own room for headers, not room of its own. */
  copy(moves = false): Packet {
    const copy = new Packet(this.inPort, this.bytes.slice(), this.metadata, this.tunnelId, this.connection);
    if (moves) copy.#least = this.bytes.length - this.grown;
    copy.parsed = { ...this.parsed, at: { ...this.parsed.at } };
    return copy;
  }

  /** Before each table: what actions did to its headers may make it another packet. */
  readAgain(): void {
    this.parsed = parsePacket(this.bytes, this.parsed.tags);
  }

  /** Of the packet in the pipeline and of its headers. */
  fields(): Map<FieldName, bigint> {
    return new Map<FieldName, bigint>([
      ['in_port', BigInt(this.inPort)],
      ...this.parsed.fields,
      ['metadata', this.metadata],
      ['tunnel_id', this.tunnelId],
      ['ct_state', BigInt(this.connection.state)],
      ['ct_zone', BigInt(this.connection.zone)],
      ['ct_mark', this.connection.mark],
    ]);
  }
}
