import { inPortNumber, operationCodes, steeringSlot, transactionMagic } from '../../src/switch/codec.js';
import { actionNames } from '../../src/model/action.js';
import { groupHashes, groupTypes } from '../../src/model/group.js';
import { matchFields } from '../../src/model/match.js';
import { meterKinds, meterVerdicts } from '../../src/model/meter.js';

/** A rule as the wire form holds it: names instead of numbers, nothing interpreted. */
export interface WireRule {
  readonly id: number;
  readonly slot: number | 'steering';
  readonly table: number;
  readonly rank: number;
  readonly fields: readonly { readonly name: string; readonly range: boolean; readonly value: bigint; readonly mask: bigint }[];
  readonly actions: readonly WireAction[];
}

export interface WireAction {
  readonly type: string;
  readonly argument: number;
  readonly value: bigint;
  readonly payload: Uint8Array;
}

export interface WireGroup {
  readonly number: number;
  readonly type: string;
  readonly hash: string;
  readonly buckets: readonly {
    readonly weight: number;
    readonly watchPort: number;
    readonly watchGroup: number;
    readonly actions: readonly WireAction[];
  }[];
}

export interface WireMeter {
  readonly number: number;
  readonly kind: string;
  readonly unit: string;
  readonly verdicts: readonly { readonly verdict: string; readonly dscp: number }[];
  /** cir, cbs, second rate, second burst. */
  readonly amounts: readonly bigint[];
}

export interface WireTransaction {
  readonly remove: readonly { readonly id: number; readonly slot: number | 'steering'; readonly table: number }[];
  readonly add: readonly WireRule[];
  readonly steer: readonly WireRule[];
  readonly putGroups: readonly WireGroup[];
  readonly removeGroups: readonly number[];
  readonly putMeters: readonly WireMeter[];
  readonly removeMeters: readonly number[];
}

/** The inverse of encodeTransaction (src/switch/codec.ts), written from the layout in its comment. Throws RangeError on a bad buffer. */
export function decodeTransaction(bytes: Uint8Array): WireTransaction {
  const reader = new Reader(bytes);
  if (reader.u32() !== transactionMagic) throw new RangeError('not a transaction');
  const found = {
    remove: [] as WireTransaction['remove'][number][],
    add: [] as WireRule[],
    steer: [] as WireRule[],
    putGroups: [] as WireGroup[],
    removeGroups: [] as number[],
    putMeters: [] as WireMeter[],
    removeMeters: [] as number[],
  };
  for (let left = reader.u32(); left > 0; left--) {
    const code = reader.u32();
    if (code === operationCodes.remove) found.remove.push(readRemoval(reader));
    else if (code === operationCodes.add) found.add.push(readRule(reader));
    else if (code === operationCodes.steer) found.steer.push(readRule(reader));
    else if (code === operationCodes.putGroup) found.putGroups.push(readGroup(reader));
    else if (code === operationCodes.removeGroup) found.removeGroups.push(reader.u32());
    else if (code === operationCodes.putMeter) found.putMeters.push(readMeter(reader));
    else if (code === operationCodes.removeMeter) found.removeMeters.push(reader.u32());
    else throw new RangeError(`operation ${code}`);
  }
  if (reader.left !== 0) throw new RangeError(`${reader.left} bytes are left`);
  return found;
}

/** The actions in the payload of a write_actions. */
export function decodeWritten({ argument, payload }: WireAction): WireAction[] {
  const reader = new Reader(payload);
  return times(argument, () => readAction(reader));
}

const times = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);

function readRemoval(reader: Reader): WireTransaction['remove'][number] {
  const [id, slot, table] = [reader.u32(), reader.u32(), reader.u32()];
  return { id, slot: slot === steeringSlot ? 'steering' : slot, table };
}

function readRule(reader: Reader): WireRule {
  const [id, slot, rank, table] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  const [fields, actions] = [reader.u16(), reader.u16()];
  return {
    id,
    slot,
    rank,
    table,
    fields: times(fields, () => readField(reader)),
    actions: times(actions, () => readAction(reader)),
  };
}

function readField(reader: Reader): WireRule['fields'][number] {
  const [name, range] = [matchFields[reader.u16()]?.name ?? 'unknown', reader.u16() === 1];
  reader.take(4);
  return { name, range, value: reader.u128(), mask: reader.u128() };
}

function readAction(reader: Reader): WireAction {
  const [type, argument, bytes] = [actionNames[reader.u16()] ?? 'unknown', reader.u16(), reader.u32()];
  const value = reader.u128();
  const payload = reader.take(bytes);
  reader.take(-bytes & 7);
  return { type, argument, value, payload };
}

function readGroup(reader: Reader): WireGroup {
  const number = reader.u32();
  const [type, hash] = [groupTypes[reader.u8()] ?? 'unknown', groupHashes[reader.u8()] ?? 'unknown'];
  return { number, type, hash, buckets: times(reader.u16(), () => readBucket(reader)) };
}

function readBucket(reader: Reader): WireGroup['buckets'][number] {
  const [weight, watchPort, watchGroup, actions] = [reader.u32(), reader.u32(), reader.u32(), reader.u16()];
  reader.take(2);
  return { weight, watchPort, watchGroup, actions: times(actions, () => readAction(reader)) };
}

function readMeter(reader: Reader): WireMeter {
  const number = reader.u32();
  const [kind, unit] = [meterKinds[reader.u8()] ?? 'unknown', ['bytes', 'packets'][reader.u8()] ?? 'unknown'];
  const verdicts = times(2, () => ({ verdict: meterVerdicts[reader.u8()] ?? 'unknown', dscp: reader.u8() }));
  reader.take(2);
  return { number, kind, unit, verdicts, amounts: times(4, () => reader.u64()) };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(bytes: number): Uint8Array {
    if (bytes > this.left) throw new RangeError(`${bytes} bytes at ${this.#at}, of which ${this.left} are there`);
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true);
  }

  u128(): bigint {
    return this.u64() | (this.u64() << 64n);
  }

  #skip(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }
}

export const isInPort = (argument: number): boolean => argument === inPortNumber;
