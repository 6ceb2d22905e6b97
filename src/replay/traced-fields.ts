import { formatField } from '../flow/syntax/value.js';
import type { Topology } from '../flow/topology.js';
import { fieldOf, fullMask, type FieldName } from '../model/match.js';

/** What a packet has, by field. */
export type Fields = ReadonlyMap<FieldName, bigint>;

/** A field's value as flows are written. */
export type Value = string | number;

export const valueText = (name: FieldName, value: bigint, topology: Topology): Value =>
  formatField(name, { value, mask: fullMask(fieldOf(name).spec.bits) }, topology);
