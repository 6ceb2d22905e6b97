import { parseField } from '../../flow/syntax/value.js';
import { isFieldName, type FieldName, type MatchText } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { dissect } from '../../replay/dissect.js';

/** What a frame says, and what a test says beside it, as `ct_state`. @throws RangeError for what is no field or value. */
export function fieldsOf(frame: Uint8Array, port: number, more: MatchText, topology: Topology): ReadonlyMap<FieldName, bigint> {
  const fields = new Map<FieldName, bigint>([
    ['metadata', 0n],
    ['tunnel_id', 0n],
    ['ct_state', 0n],
    ['ct_zone', 0n],
    ['ct_mark', 0n],
    ...dissect(frame),
    ['in_port', BigInt(port)],
  ]);
  for (const [name, written] of Object.entries(more)) {
    const value = isFieldName(name) ? parseField(name, written, topology) : undefined;
    if (!isFieldName(name) || !value?.ok) throw new RangeError(`${name} cannot be ${written}`);
    fields.set(name, value.value.value);
  }
  return fields;
}
