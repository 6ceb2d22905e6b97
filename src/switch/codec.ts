import type { Action } from '../model/action.js';
import { actionNames, dropReasons } from '../model/action.js';
import { fieldOf, type Match } from '../model/match.js';
import type { RuleTransaction, SteeringRule, Rule } from './types.js';

/**
 * A transaction as one flat little-endian buffer; native/binding/decode.cc reads it and trusts none of it.
 *
 * ```
 * header   u32 magic, u32 number of operations
 * remove   u32 1, u32 rule id, u32 slot (0xffff: steering), u32 0
 * add      u32 2, u32 rule id, u32 slot, u32 rank, u32 table, u16 fields, u16 actions, then the fields and the actions
 * steer    u32 3, as add with table 0 and no actions
 * field    u16 number, 6 bytes 0, u128 value, u128 mask
 * action   u16 number, u16 argument, u32 0, u128 value
 * ```
 * A u128 is two u64, the low one first.
 */
export const transactionMagic = 0x3153_544d;
export const steeringSlot = 0xffff;
/** OpenFlow's OFPP_IN_PORT in 16 bits. */
export const inPortNumber = 0xfff8;

export const operationCodes = { remove: 1, add: 2, steer: 3 } as const;
export const fieldBytes = 40;
export const actionBytes = 24;
const headerBytes = 8;
const removeBytes = 16;
const addBytes = 24;
const low64 = (1n << 64n) - 1n;

export function encodeTransaction(transaction: RuleTransaction): Uint8Array {
  const writer = new Writer(encodedBytes(transaction));
  writer.u32(transactionMagic);
  writer.u32(transaction.remove.length + transaction.add.length + transaction.steer.length);
  for (const { id, slot } of transaction.remove) {
    writer.u32(operationCodes.remove);
    writer.u32(id);
    writer.u32(slot === 'steering' ? steeringSlot : slot);
    writer.u32(0);
  }
  for (const rule of transaction.add) writeRule(writer, operationCodes.add, rule, rule.table, rule.actions);
  for (const rule of transaction.steer) writeRule(writer, operationCodes.steer, rule, 0, []);
  return writer.bytes;
}

function encodedBytes({ remove, add, steer }: RuleTransaction): number {
  let bytes = headerBytes + remove.length * removeBytes;
  for (const rule of add) bytes += addBytes + rule.match.size * fieldBytes + rule.actions.length * actionBytes;
  for (const rule of steer) bytes += addBytes + rule.match.size * fieldBytes;
  return bytes;
}

function writeRule(writer: Writer, code: number, rule: Rule | SteeringRule, table: number, actions: readonly Action[]): void {
  writer.u32(code);
  writer.u32(rule.id);
  writer.u32(rule.slot);
  writer.u32(rule.rank);
  writer.u32(table);
  writer.u16(rule.match.size);
  writer.u16(actions.length);
  writeFields(writer, rule.match);
  for (const action of actions) writeAction(writer, action);
}

function writeFields(writer: Writer, match: Match): void {
  for (const [name, { value, mask }] of match) {
    writer.u16(fieldOf(name).number);
    writer.u16(0);
    writer.u32(0);
    writer.u128(value);
    writer.u128(mask);
  }
}

function writeAction(writer: Writer, action: Action): void {
  const [argument, value] = operands(action);
  writer.u16(actionNames.indexOf(action.type));
  writer.u16(argument);
  writer.u32(0);
  writer.u128(value);
}

function operands(action: Action): [argument: number, value: bigint] {
  switch (action.type) {
    case 'output':
      return [action.port === 'in_port' ? inPortNumber : action.port, 0n];
    case 'drop':
      return [dropReasons.indexOf(action.reason), 0n];
    case 'set_field':
      return [fieldOf(action.field).number, action.value];
    case 'dec_ttl':
      return [0, 0n];
    case 'arp_reply':
      return [0, action.mac];
  }
}

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(value: number): void {
    this.#view.setUint16(this.#offset, value, true);
    this.#offset += 2;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#offset, value, true);
    this.#offset += 4;
  }

  u128(value: bigint): void {
    this.#view.setBigUint64(this.#offset, value & low64, true);
    this.#view.setBigUint64(this.#offset + 8, value >> 64n, true);
    this.#offset += 16;
  }
}
