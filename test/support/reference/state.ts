import type { DropReason } from '../../../src/model/action.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Group } from '../../../src/model/group.js';
import type { FieldName } from '../../../src/model/match.js';
import { parsePacket, type Parsed } from './parse.js';

/** What a switch is set to. */
export interface Program {
  readonly flows: readonly Flow[];
  readonly groups: readonly Group[];
  /** Numbers of the ports there are, in flooding order. */
  readonly ports: readonly number[];
  /** Those whose link is down; a packet may be sent to them all the same. */
  readonly down?: readonly number[];
  /** Of the buckets of a select group that are alive, the one for this packet; the first where left out. */
  readonly choose?: (group: Group, alive: readonly number[]) => number;
}

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
  /** Why the packet and copies of it ended before an output. */
  readonly drops: DropReason[];
}

/** A packet on its way. Buckets of groups work on copies. */
export class Packet {
  parsed: Parsed;

  constructor(
    readonly inPort: number,
    public bytes: Uint8Array,
    public metadata = 0n,
    public tunnelId = 0n,
  ) {
    this.parsed = parsePacket(bytes);
  }

  copy(): Packet {
    const copy = new Packet(this.inPort, this.bytes.slice(), this.metadata, this.tunnelId);
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
    ]);
  }
}
