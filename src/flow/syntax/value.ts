import { fieldOf, fullMask, type FieldMatch, type FieldName } from '../../model/match.js';
import { formatIp, formatMac, parseIp, parseMac, prefixLength, prefixMask, type IpAddress } from './address.js';

/** OpenFlow's OFPVID_PRESENT: the frame has a tag. */
const vidPresent = 0x1000n;

/** What is wrong with a value, in words for people. */
export class ValueError extends Error {}

/** A field's value as people write it: `value`, `value/mask`, or for addresses a prefix. in_port is not handled here. */
export function parseFieldMatch(name: FieldName, text: string | number): FieldMatch {
  const { spec } = fieldOf(name);
  const all = fullMask(spec.bits);
  if (typeof text === 'number') return { value: inRange(implied(name, BigInt(text)), spec.bits, name), mask: all };
  const [valueText = '', maskText, ...rest] = text.trim().split('/');
  if (rest.length > 0) throw new ValueError(`${name} has more than one "/"`);
  const value = parseFieldValue(name, valueText);
  if (maskText === undefined) return { value, mask: all };
  const mask = parseMask(name, maskText);
  if ((value & ~mask) !== 0n)
    throw new ValueError(
      `${name} ${text} has bits set outside its mask; write ${formatFieldMatch(name, { value: value & mask, mask })}`,
    );
  return { value, mask };
}

/** A field's exact value, as in set_field. */
export function parseFieldValue(name: FieldName, text: string | number): bigint {
  const { spec } = fieldOf(name);
  if (typeof text === 'number') return inRange(BigInt(text), spec.bits, name);
  switch (spec.format) {
    case 'mac':
      return parseMac(text) ?? fail(name, text, 'is not a MAC address such as 02:00:00:00:00:01');
    case 'ipv4':
    case 'ipv6': {
      const ip = parseIp(text);
      if (ip?.family === (spec.format === 'ipv4' ? 4 : 6)) return ip.value;
      return fail(
        name,
        text,
        spec.format === 'ipv4' ? 'is not an IPv4 address such as 10.0.0.1' : 'is not an IPv6 address such as fd00::1',
      );
    }
    default:
      return inRange(integer(name, text), spec.bits, name);
  }
}

function parseMask(name: FieldName, text: string): bigint {
  const { spec } = fieldOf(name);
  const isIp = spec.format === 'ipv4' || spec.format === 'ipv6';
  if (isIp && /^\d{1,3}$/.test(text)) {
    if (Number(text) > spec.bits) fail(name, text, `is not a prefix length from 0 to ${spec.bits}`);
    return prefixMask(spec.format === 'ipv4' ? 4 : 6, Number(text));
  }
  return parseFieldValue(name, text);
}

/** A tag's number alone means the tag, as people write it; OpenFlow's own values have OFPVID_PRESENT and are 0 or from 4096. */
const implied = (name: FieldName, value: bigint): bigint =>
  name === 'vlan_vid' && value > 0n && value < vidPresent ? value | vidPresent : value;

function integer(name: FieldName, text: string): bigint {
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) return fail(name, text, 'is not a number such as 80 or 0x50');
  return /^\d+$/.test(text) ? implied(name, BigInt(text)) : BigInt(text);
}

function inRange(value: bigint, bits: number, name: FieldName): bigint {
  if (value > fullMask(bits)) throw new ValueError(`${name} ${value} is more than ${fullMask(bits)}`);
  return value;
}

function fail(name: FieldName, text: string, why: string): never {
  throw new ValueError(`${name} ${JSON.stringify(text)} ${why}`);
}

/** The inverse of parseFieldMatch. */
export function formatFieldMatch(name: FieldName, { value, mask }: FieldMatch): string | number {
  const { spec } = fieldOf(name);
  const exact = mask === fullMask(spec.bits);
  switch (spec.format) {
    case 'mac':
      return exact ? formatMac(value) : `${formatMac(value)}/${formatMac(mask)}`;
    case 'ipv4':
    case 'ipv6': {
      const family = spec.format === 'ipv4' ? 4 : 6;
      const ip = (v: bigint): string => formatIp({ family, value: v } satisfies IpAddress);
      return exact ? ip(value) : `${ip(value)}/${prefixLength(mask, spec.bits) ?? ip(mask)}`;
    }
    case 'vlan':
      // A hexadecimal value is literal; a decimal one is a tag's number.
      if (exact) return value > vidPresent ? Number(value & ~vidPresent) : Number(value);
      return `0x${value.toString(16)}/0x${mask.toString(16)}`;
    default:
      return exact ? Number(value) : `0x${value.toString(16)}/0x${mask.toString(16)}`;
  }
}

/** The inverse of parseFieldValue. */
export const formatFieldValue = (name: FieldName, value: bigint): string | number =>
  formatFieldMatch(name, { value, mask: fullMask(fieldOf(name).spec.bits) });
