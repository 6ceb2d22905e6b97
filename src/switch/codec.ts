import type { Action, ConntrackAction, EncapAction, TunnelKind } from '../model/action.js';
import { actionNames, tunnelKinds } from '../model/action.js';
import { dropReasons } from '../model/drop.js';
import { groupHashes, groupTypes, type Bucket } from '../model/group.js';
import { fieldOf } from '../model/match.js';
import { meterKinds, meterVerdicts } from '../model/meter.js';
import { packed, type MatchShape, type PackedMatch } from '../model/packed-match.js';
import { ByteWriter } from './byte-writer.js';
import type { PlacedGroup, PlacedMeter, Rule, RuleTransaction, SteeringRule } from './types.js';

/**
 * A transaction as one flat little-endian buffer; native/binding/decode.cc reads it and trusts none of it.
 *
 * ```
 * header        u32 magic, u32 number of operations
 * remove        u32 1, u32 rule id, u32 slot (0xffff: steering), u32 table
 * add           u32 2, u32 rule id, u32 slot, u32 rank, u32 table, u16 fields, u16 actions, then the fields and the actions
 * steer         u32 3, as add with table 0 and no actions
 * put group     u32 4, u32 number, u8 type, u8 hash, u16 buckets, then the buckets
 * remove group  u32 5, u32 number
 * put meter     u32 6, u32 number, u8 kind, u8 unit (0: bytes, 1: packets), u8 yellow verdict, u8 yellow DSCP, u8 red verdict,
 *               u8 red DSCP, u16 0, u64 cir, u64 cbs, u64 second rate, u64 second burst
 * remove meter  u32 7, u32 number
 * bucket        u32 weight, u32 watched port (0: none), u32 watched group (0xffffffff: none), u16 actions, u16 0, then the actions
 * field         u16 number, u16 1 for a range or 0, u32 0, u128 value or lowest, u128 mask or highest
 * action        u16 number, u16 argument, u32 bytes of payload, u128 value, then the payload, filled up to 8 bytes
 * ```
 * A u128 is two u64, the low one first. Groups and meters are put anew whole; a put in the place of one with the same number changes it.
 * Numbers of groups and meters are the data plane's, below its limits. What an action carries:
 *
 * ```
 * output          argument: port, 0xfff8 for IN_PORT, 0xfffb for FLOOD
 * drop            argument: reason
 * set_field       argument: field; value; payload: u128 mask
 * arp_reply       value: MAC address; nd_reply likewise
 * push_vlan       argument: Ethernet type
 * group, meter    value: number
 * mirror          argument: port; value: u32 one in, u32 most bytes (0: all)
 * encap           argument: tunnel; payload of 64 bytes: u32 vni (0xffffffff: tunnel_id), u16 UDP destination, u8 TTL,
 *                 u8 DSCP (0xff: inherit), u8 family (4, 6), u8 checksum (0, 1), 6 bytes eth_dst, 6 bytes eth_src, 10 bytes 0,
 *                 16 bytes src, 16 bytes dst; addresses as they lie in a packet, IPv4 in the first 4 bytes
 * decap           argument: tunnel; value: number of VNIs; payload: a u32 for each
 * goto_table      argument: table
 * write_metadata  value: u64 metadata, u64 mask
 * write_actions   argument: number of actions; payload: these actions
 * conntrack       payload of 88 bytes: u16 zone, u8 flags (1 commit, 2 nat, 4 source range, 8 destination range, 16 random,
 *                 32 persistent), u8 family of the range (0, 4, 6), u32 mark, u32 its mask, u16 lowest port, u16 highest port
 *                 (both 0: any), u32 ports of a block (0: none), u8 bits of the prefix (0: a range), 3 bytes 0, 16 bytes label,
 *                 16 bytes its mask (high byte first), 16 bytes lowest address, 16 bytes highest address; addresses as in encap,
 *                 of a prefix the network in both
 * ```
 */
export const transactionMagic = 0x3153_544d;
export const steeringSlot = 0xffff;
/** OpenFlow's reserved ports in 16 bits. */
export const inPortNumber = 0xfff8;
export const floodPortNumber = 0xfffb;

export const operationCodes = { remove: 1, add: 2, steer: 3, putGroup: 4, removeGroup: 5, putMeter: 6, removeMeter: 7 } as const;

export function encodeTransaction(transaction: RuleTransaction): Uint8Array {
  const { remove, add, steer, putGroups, removeGroups, putMeters, removeMeters } = transaction;
  const writer = new ByteWriter(expectedBytes(transaction));
  const lists = new WrittenLists();
  writer.u32(transactionMagic);
  writer.u32([remove, add, steer, putGroups, removeGroups, putMeters, removeMeters].reduce((sum, { length }) => sum + length, 0));
  for (const { id, slot, table } of remove) {
    writer.u32(operationCodes.remove);
    writer.u32(id);
    writer.u32(slot === 'steering' ? steeringSlot : slot);
    writer.u32(table);
  }
  for (const rule of add) {
    writeRule(writer, operationCodes.add, rule, rule.table, rule.actions.length);
    lists.write(writer, rule.actions);
  }
  for (const rule of steer) writeRule(writer, operationCodes.steer, rule, 0, 0);
  for (const group of putGroups) writeGroup(writer, group);
  for (const number of removeGroups) writeRemoval(writer, operationCodes.removeGroup, number);
  for (const meter of putMeters) writeMeter(writer, meter);
  for (const number of removeMeters) writeRemoval(writer, operationCodes.removeMeter, number);
  return writer.bytes();
}

/** Of a rule, without its fields. */
const ruleBytes = 24;
const fieldBytes = 40;
const actionBytes = 24;
const payloadBytes = 16;

/** About as much as it takes, so that a large buffer is not copied while it grows. */
function expectedBytes({ remove, add }: RuleTransaction): number {
  let bytes = 8 + 16 * remove.length;
  for (const { match, actions } of add)
    bytes += ruleBytes + fieldBytes * match.size + (actionBytes + payloadBytes) * actions.length;
  return bytes;
}

function writeRule(writer: ByteWriter, code: number, rule: Rule | SteeringRule, table: number, actions: number): void {
  writer.u32s(code, rule.id, rule.slot, rule.rank, table, rule.match.size + actions * 65536);
  writeFields(writer, packed(rule.match));
}

/** Rules share lists of actions: one that was just written is copied. */
class WrittenLists {
  #last: readonly Action[] = [];
  #from = 0;
  #end = 0;

  write(writer: ByteWriter, actions: readonly Action[]): void {
    if (actions === this.#last) {
      writer.repeat(this.#from, this.#end);
      return;
    }
    this.#last = actions;
    this.#from = writer.size;
    for (const action of actions) writeAction(writer, action);
    this.#end = writer.size;
  }
}

function writeRemoval(writer: ByteWriter, code: number, number: number): void {
  writer.u32(code);
  writer.u32(number);
}

function writeGroup(writer: ByteWriter, { number, group }: PlacedGroup): void {
  writer.u32(operationCodes.putGroup);
  writer.u32(number);
  writer.u8(groupTypes.indexOf(group.type));
  writer.u8(groupHashes.indexOf(group.hash));
  writer.u16(group.buckets.length);
  for (const bucket of group.buckets) writeBucket(writer, bucket);
}

function writeBucket(writer: ByteWriter, { weight, watchPort, watchGroup, actions }: Bucket): void {
  writer.u32(weight);
  writer.u32(watchPort ?? 0);
  writer.u32(watchGroup ?? 0xffff_ffff);
  writer.u16(actions.length);
  writer.u16(0);
  for (const action of actions) writeAction(writer, action);
}

function writeMeter(writer: ByteWriter, { number, meter }: PlacedMeter): void {
  writer.u32(operationCodes.putMeter);
  writer.u32(number);
  writer.u8(meterKinds.indexOf(meter.kind));
  writer.u8(meter.unit === 'kbps' ? 0 : 1);
  for (const { verdict, dscp } of [meter.yellow, meter.red]) {
    writer.u8(meterVerdicts.indexOf(verdict));
    writer.u8(dscp);
  }
  writer.u16(0);
  for (const amount of [meter.cir, meter.cbs, meter.secondRate, meter.secondBurst]) writer.u64(amount);
}

/** The fields of a shape as they are written, but for the values: where in them the bytes of a key's values go. */
interface Template {
  readonly bytes: Uint8Array;
  readonly places: Uint16Array;
}

const templates = new WeakMap<MatchShape, Template>();

/** Of rules of one shape only the values differ, which the match has as bytes. */
function writeFields(writer: ByteWriter, { shape, key }: PackedMatch): void {
  let template = templates.get(shape);
  if (!template) templates.set(shape, (template = templateOf(shape)));
  writer.overlay(writer.append(template.bytes), template.places, key, shape.valuesAt);
}

function templateOf({ fields }: MatchShape): Template {
  const writer = new ByteWriter();
  const places: number[] = [];
  for (const { number, mask, range, bytes } of fields) {
    writer.u16(number);
    writer.u16(range ? 1 : 0);
    writer.u32(0);
    const at = writer.size;
    writer.u128(0n);
    writer.u128(range ? 0n : mask);
    // Low byte first here, high byte first in the key.
    for (let i = bytes - 1; i >= 0; i--) places.push(at + i);
    if (range) for (let i = bytes - 1; i >= 0; i--) places.push(at + 16 + i);
  }
  return { bytes: writer.bytes(), places: Uint16Array.from(places) };
}

function writeAction(writer: ByteWriter, action: Action): void {
  const [argument, value = 0n] = operands(action);
  writer.u16(actionNames.indexOf(action.type));
  writer.u16(argument);
  const sizeAt = writer.reserveU32();
  writer.u128(value);
  const from = writer.size;
  writePayload(writer, action);
  writer.fillU32(sizeAt, writer.size - from);
  writer.align(from, 8);
}

function operands(action: Action): [argument: number, value?: bigint] {
  switch (action.type) {
    case 'output':
      return [portNumberOf(action.port)];
    case 'drop':
      return [dropReasons.indexOf(action.reason)];
    case 'set_field':
      return [fieldOf(action.field).number, action.value];
    case 'arp_reply':
    case 'nd_reply':
      return [0, action.mac];
    case 'push_vlan':
      return [action.ethertype];
    case 'group':
      return [0, BigInt(action.group)];
    case 'meter':
      return [0, BigInt(action.meter)];
    case 'mirror':
      return [action.port, BigInt(action.oneIn) | (BigInt(action.maxBytes) << 32n)];
    case 'encap':
      return [tunnelOf(action.tunnel)];
    case 'decap':
      return [tunnelOf(action.tunnel), BigInt(action.vnis.length)];
    case 'goto_table':
    case 'resubmit':
      return [action.table];
    case 'punt':
      return [action.handler];
    case 'write_metadata':
      return [0, action.value | (action.mask << 64n)];
    case 'write_actions':
      return [action.actions.length];
    case 'dec_ttl':
    case 'pop_vlan':
    case 'clear_actions':
    case 'conntrack':
    case 'icmp_reply':
      return [0];
  }
}

function portNumberOf(port: number | 'in_port' | 'flood'): number {
  if (port === 'in_port') return inPortNumber;
  return port === 'flood' ? floodPortNumber : port;
}

const tunnelOf = (tunnel: TunnelKind): number => tunnelKinds.indexOf(tunnel);

function writePayload(writer: ByteWriter, action: Action): void {
  if (action.type === 'set_field') writer.u128(action.mask);
  if (action.type === 'encap') writeEncap(writer, action);
  if (action.type === 'decap') for (const vni of action.vnis) writer.u32(vni);
  if (action.type === 'write_actions') for (const written of action.actions) writeAction(writer, written);
  if (action.type === 'conntrack') writeConntrack(writer, action);
}

function writeEncap(writer: ByteWriter, action: EncapAction): void {
  writer.u32(action.vni === 'tunnel_id' ? 0xffff_ffff : action.vni);
  writer.u16(action.udpDst);
  writer.u8(action.ttl);
  writer.u8(action.dscp === 'inherit' ? 0xff : action.dscp);
  writer.u8(action.family);
  writer.u8(action.checksum ? 1 : 0);
  writer.network(action.ethDst, 6);
  writer.network(action.ethSrc, 6);
  writer.zeros(10);
  writeAddress(writer, action.family, action.src);
  writeAddress(writer, action.family, action.dst);
}

/** In 16 bytes, as it lies in a packet. */
function writeAddress(writer: ByteWriter, family: 0 | 4 | 6, address: bigint): void {
  const bytes = family === 4 ? 4 : 16;
  writer.network(address, bytes);
  writer.zeros(16 - bytes);
}

function writeConntrack(writer: ByteWriter, action: ConntrackAction): void {
  const { nat, family } = action;
  const flags = [action.commit, nat !== 'none', nat === 'src', nat === 'dst', action.random, action.persistent];
  writer.u16(action.zone);
  writer.u8(flags.reduce((bits, isSet, i) => bits | (isSet ? 1 << i : 0), 0));
  writer.u8(family);
  writer.u32(Number(action.mark));
  writer.u32(Number(action.markMask));
  writer.u16(action.portLow);
  writer.u16(action.portHigh);
  writer.u32(action.portBlock);
  writer.u8(action.prefixBits);
  writer.zeros(3);
  writer.network(action.label, 16);
  writer.network(action.labelMask, 16);
  writeAddress(writer, family, action.low);
  writeAddress(writer, family, action.high);
}
