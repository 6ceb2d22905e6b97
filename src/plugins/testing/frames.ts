import { formatField, parseField } from '../../flow/syntax/value.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import { fieldOf, fullMask, isFieldName, type FieldName, type FieldMatch, type MatchText } from '../../model/match.js';
import { makeTopology } from '../../model/topology.js';
import { composePacket } from '../../replay/compose.js';
import { dissect } from '../../replay/dissect.js';

const nowhere = makeTopology([], [], undefined);

/**
 * A frame with these fields, for example `frame({ eth_type: 0x0800, ip_proto: 17, udp_dst: 53 })`: zeros where they say nothing, a TTL
 * of 64 and right checksums. @throws VswitchError REQUEST_INVALID
 */
export function frame(fields: MatchText): Uint8Array {
  const faults: Fault[] = [];
  const match = new Map<FieldName, FieldMatch>();
  for (const [name, written] of Object.entries(fields)) {
    const value = isFieldName(name) ? parseField(name, written, nowhere) : undefined;
    if (isFieldName(name) && value?.ok) match.set(name, value.value);
    else faults.push({ pointer: `/${name}`, value: written, message: 'is no field, or no value of it' });
  }
  if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'these fields are no packet', faults);
  return Uint8Array.from(composePacket(match));
}

/** The fields of a frame, as flows are written. */
export const fieldsIn = (bytes: Uint8Array): MatchText =>
  Object.fromEntries(
    Array.from(dissect(bytes), ([name, value]) => [
      name,
      formatField(name, { value, mask: fullMask(fieldOf(name).spec.bits) }, nowhere),
    ]),
  );
