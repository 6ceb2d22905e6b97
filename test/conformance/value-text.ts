import { formatIp, formatMac } from '../../src/model/address.js';
import { fieldOf, fullMask, isFieldName, type FieldName } from '../../src/model/match.js';

/** A field's value as people write it, with `/mask` where it has one that does not cover all bits. */
export function valueText(name: FieldName, value: bigint, mask?: bigint): string {
  const { bits, format } = fieldOf(name).spec;
  const text = (number: bigint): string => {
    if (format === 'mac') return formatMac(number);
    if (format === 'ipv4') return formatIp({ family: 4, value: number });
    if (format === 'ipv6') return formatIp({ family: 6, value: number });
    return format === 'port' ? number.toString() : `0x${number.toString(16)}`;
  };
  return mask === undefined || mask === fullMask(bits) ? text(value) : `${text(value)}/${text(mask)}`;
}

export function fieldName(name: string): FieldName {
  if (isFieldName(name)) return name;
  throw new RangeError(`no match field ${name}`);
}
