import { actionBytes, fieldBytes, inPortNumber, operationCodes, steeringSlot, transactionMagic } from '../../src/switch/codec.js';
import { actionNames } from '../../src/model/action.js';
import { matchFields } from '../../src/model/match.js';

/** A rule as the wire form holds it: names instead of numbers, nothing interpreted. */
export interface WireRule {
  readonly id: number;
  readonly slot: number | 'steering';
  readonly table: number;
  readonly rank: number;
  readonly fields: readonly { readonly name: string; readonly value: bigint; readonly mask: bigint }[];
  readonly actions: readonly { readonly type: string; readonly argument: number; readonly value: bigint }[];
}

export interface WireTransaction {
  readonly remove: readonly { readonly id: number; readonly slot: number | 'steering' }[];
  readonly add: readonly WireRule[];
  readonly steer: readonly WireRule[];
}

/** The inverse of encodeTransaction (src/switch/codec.ts), written from the layout in its comment. Throws RangeError on a bad buffer. */
export function decodeTransaction(bytes: Uint8Array): WireTransaction {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== transactionMagic) throw new RangeError('not a transaction');
  const remove: WireTransaction['remove'][number][] = [];
  const add: WireRule[] = [];
  const steer: WireRule[] = [];
  let at = 8;
  for (let left = view.getUint32(4, true); left > 0; left--) {
    const code = view.getUint32(at, true);
    if (code === operationCodes.remove) {
      const slot = view.getUint32(at + 8, true);
      remove.push({ id: view.getUint32(at + 4, true), slot: slot === steeringSlot ? 'steering' : slot });
      at += 16;
      continue;
    }
    if (code !== operationCodes.add && code !== operationCodes.steer) throw new RangeError(`operation ${code} at byte ${at}`);
    const rule = readRule(view, at);
    (code === operationCodes.add ? add : steer).push(rule);
    at += 24 + rule.fields.length * fieldBytes + rule.actions.length * actionBytes;
  }
  if (at !== bytes.byteLength) throw new RangeError(`${bytes.byteLength - at} bytes are left`);
  return { remove, add, steer };
}

function readRule(view: DataView, at: number): WireRule {
  const fieldsAt = at + 24;
  const fieldCount = view.getUint16(at + 20, true);
  const actionsAt = fieldsAt + fieldCount * fieldBytes;
  return {
    id: view.getUint32(at + 4, true),
    slot: view.getUint32(at + 8, true),
    rank: view.getUint32(at + 12, true),
    table: view.getUint32(at + 16, true),
    fields: Array.from({ length: fieldCount }, (_, i) => readField(view, fieldsAt + i * fieldBytes)),
    actions: Array.from({ length: view.getUint16(at + 22, true) }, (_, i) => readAction(view, actionsAt + i * actionBytes)),
  };
}

const readField = (view: DataView, at: number): WireRule['fields'][number] => ({
  name: matchFields[view.getUint16(at, true)]?.name ?? 'unknown',
  value: u128(view, at + 8),
  mask: u128(view, at + 24),
});

const readAction = (view: DataView, at: number): WireRule['actions'][number] => ({
  type: actionNames[view.getUint16(at, true)] ?? 'unknown',
  argument: view.getUint16(at + 2, true),
  value: u128(view, at + 8),
});

const u128 = (view: DataView, at: number): bigint => view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n);

export const isInPort = (argument: number): boolean => argument === inPortNumber;
