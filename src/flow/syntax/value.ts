import { formatIp, formatMac, parseIp, parseMac, prefixLength, prefixMask } from '../../model/address.js';
import { ctStateBits } from '../../model/conntrack.js';
import { fieldOf, fullMask, type FieldMatch, type FieldName } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';

/** What is wrong with a value, and what to write instead. */
export interface ValueFault {
  readonly message: string;
  readonly remedy: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ValueFault };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const refused = (message: string, remedy: string): { readonly ok: false; readonly fault: ValueFault } => ({
  ok: false,
  fault: { message, remedy },
});

/** OpenFlow's OFPVID_PRESENT: the bit of the 13-bit vlan_vid that says that there is a tag. */
export const vlanPresent = 0x1000n;

const examples = {
  port: 'the name or number of a port',
  mac: 'a MAC address as `02:00:00:00:00:01`, with `/mask` where only some bits count',
  ipv4: 'an IPv4 address or prefix as `10.0.0.0/24`',
  ipv6: 'an IPv6 address or prefix as `fd00::/64`',
  vlan: 'a tag 1 to 4095, 0 for untagged, or `value/mask` of 13 bits',
  fragment: 'no, yes, first, later or not_later',
  flags: 'words as `+trk+est-new` or `new|trk`, or `value/mask`',
  number: 'a number, or `value/mask`',
} as const;

/** A field's value and mask from the text or number in which people write it. */
export function parseField(name: FieldName, written: string | number, topology: Topology): Parsed<FieldMatch> {
  const { bits, format, ranges } = fieldOf(name).spec;
  const full = fullMask(bits);
  if (format === 'port') return parsePort(written, topology, full);
  if (typeof written === 'number') {
    if (!Number.isSafeInteger(written)) return inexact;
    return exact(format === 'vlan' ? vlanOf(BigInt(written)) : BigInt(written), full, name);
  }
  const word = wordValue(name, written);
  if (word) return parsed(word);
  const range = ranges && /^([^-]+)-([^-]+)$/.exec(written);
  if (range) return parseRange(name, range[1] ?? '', range[2] ?? '');
  const slash = written.indexOf('/');
  const valueText = slash < 0 ? written : written.slice(0, slash);
  const value = parseBits(valueText, format);
  if (value === undefined) return refused(`"${valueText}" is no value of ${name}`, `give ${examples[format]}`);
  if (slash < 0) return exact(format === 'vlan' ? vlanOf(value) : value, full, name);
  const mask = parseMask(written.slice(slash + 1), format, bits);
  if (mask === undefined) return refused(`"${written.slice(slash + 1)}" is no mask of ${name}`, `give ${examples[format]}`);
  if (value > full || mask > full) return refused(`${name} has ${bits} bits`, `give at most ${show(full)}`);
  if ((value & ~mask) !== 0n) {
    const kept = `${formatBits(value & mask, format)}/${written.slice(slash + 1)}`;
    return refused('the value has bits that the mask does not cover', `did you mean "${kept}"?`);
  }
  if (format === 'vlan' && mask === full && value > 0n && value < vlanPresent)
    return refused('a tag of 13 bits has OFPVID_PRESENT (0x1000) set', `did you mean ${value}?`);
  if (mask === 0n) return refused('the mask matches everything', `leave ${name} out`);
  return parsed({ value, mask });
}

/** As people write it; parseField gives the same value and mask again. */
export function formatField(name: FieldName, { value, mask, high }: FieldMatch, topology: Topology): string | number {
  const { bits, format } = fieldOf(name).spec;
  if (format === 'port') return topology.portByNumber.get(Number(value))?.name ?? Number(value);
  if (high !== undefined) return `${value}-${high}`;
  if (format === 'fragment') {
    const word = fragmentWords.find(([, is]) => is.value === value && is.mask === mask);
    if (word) return word[0];
  }
  if (format === 'flags') return formatFlags(flagWords[name] ?? [], value, mask);
  if (mask === fullMask(bits)) {
    if (format === 'vlan') return value > vlanPresent ? Number(value - vlanPresent) : Number(value);
    return format === 'number' || format === 'fragment' ? formatNumber(value) : formatBits(value, format);
  }
  const length = format === 'ipv4' || format === 'ipv6' ? prefixLength(mask, bits) : undefined;
  return `${formatBits(value, format)}/${length ?? formatBits(mask, format)}`;
}

/** A number where JSON holds it exactly, else text. */
export const formatNumber = (value: bigint): string | number =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : hex(value);

/** A number of so many bits, as JSON has it or as text. */
export function parseNumber(written: string | number, bits: number): Parsed<bigint> {
  if (typeof written === 'number' && !Number.isSafeInteger(written)) return inexact;
  const value = parseBits(String(written), 'number');
  if (value === undefined) return refused(`"${written}" is no number`, 'give it as 42 or "0x2a"');
  return value <= fullMask(bits) ? parsed(value) : refused(`it goes to ${show(fullMask(bits))}`, `give 0 to ${fullMask(bits)}`);
}

const inexact = refused('a JSON number of this size is not exact', 'give it as a string');

type Format = keyof typeof examples;

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const show = (value: bigint): string => `${value} (${hex(value)})`;

/** Tags are written as in VLAN configurations; 0 is OFPVID_NONE, and from 4096 on a number is OXM's own 13 bits. */
const vlanOf = (written: bigint): bigint => (written >= 1n && written <= 4095n ? written | vlanPresent : written);

function exact(value: bigint, full: bigint, name: FieldName): Parsed<FieldMatch> {
  return value >= 0n && value <= full
    ? parsed({ value, mask: full })
    : refused(`${name} goes to ${show(full)}`, `give 0 to ${full}`);
}

/** What ovs-fields(7) calls them. */
const fragmentWords: readonly (readonly [string, FieldMatch])[] = [
  ['no', { value: 0n, mask: 3n }],
  ['yes', { value: 1n, mask: 1n }],
  ['first', { value: 1n, mask: 3n }],
  ['later', { value: 3n, mask: 3n }],
  ['not_later', { value: 0n, mask: 2n }],
];

/** From bit 0 on. */
const flagWords: Readonly<Partial<Record<FieldName, readonly string[]>>> = {
  tcp_flags: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns'],
  ct_state: ctStateBits,
};

/** Those that are set or not, as the mask says; those that are set, where it says all. */
function formatFlags(words: readonly string[], value: bigint, mask: bigint): string | number {
  const said = words.flatMap((word, i) => {
    const bit = 1n << BigInt(i);
    return (mask & bit) === 0n ? [] : [{ word, isSet: (value & bit) !== 0n }];
  });
  if (said.length < words.length) return said.map(({ word, isSet }) => `${isSet ? '+' : '-'}${word}`).join('');
  return value === 0n ? 0 : said.flatMap(({ word, isSet }) => (isSet ? [word] : [])).join('|');
}

function wordValue(name: FieldName, text: string): FieldMatch | undefined {
  if (name === 'ip_frag') return fragmentWords.find(([word]) => word === text)?.[1];
  const words = flagWords[name];
  if (!words) return undefined;
  const bits = text.split('|').map((word) => words.indexOf(word));
  if (bits.every((bit, i) => bit >= 0 && bits.indexOf(bit) === i))
    return { value: bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n), mask: fullMask(fieldOf(name).spec.bits) };
  if (!/^([+-][a-z]+)+$/.test(text)) return undefined;
  let [value, mask] = [0n, 0n];
  for (const [, sign, flag = ''] of text.matchAll(/([+-])([a-z]+)/g)) {
    const at = words.indexOf(flag);
    const bit = 1n << BigInt(Math.max(at, 0));
    if (at < 0 || (mask & bit) !== 0n) return undefined;
    mask |= bit;
    if (sign === '+') value |= bit;
  }
  return { value, mask };
}

/** A range that a mask can say becomes value and mask. */
function parseRange(name: FieldName, lowText: string, highText: string): Parsed<FieldMatch> {
  const full = fullMask(fieldOf(name).spec.bits);
  const [low, high] = [parseBits(lowText, 'number'), parseBits(highText, 'number')];
  if (low === undefined || high === undefined)
    return refused(`"${lowText}-${highText}" is no range`, 'give two numbers as "1000-2000"');
  if (low > full || high > full) return refused(`${name} goes to ${show(full)}`, `give 0 to ${full}`);
  if (low > high) return refused('the range begins after its end', `did you mean "${high}-${low}"?`);
  const free = high - low;
  const isPrefix = (free & (free + 1n)) === 0n && (low & free) === 0n;
  if (!isPrefix) return parsed({ value: low, mask: full, high });
  return free === full ? refused('the range matches everything', `leave ${name} out`) : parsed({ value: low, mask: full ^ free });
}

function parseBits(text: string, format: Format): bigint | undefined {
  if (/^0x[0-9a-f]{1,32}$/i.test(text)) return BigInt(text);
  if (format === 'mac') return parseMac(text);
  if (format === 'ipv4' || format === 'ipv6') {
    const address = parseIp(text);
    return address && address.family === (format === 'ipv4' ? 4 : 6) ? address.value : undefined;
  }
  return /^[0-9]{1,39}$/.test(text) ? BigInt(text) : undefined;
}

function parseMask(text: string, format: Format, bits: number): bigint | undefined {
  const isAddress = format === 'ipv4' || format === 'ipv6';
  if (isAddress && /^[0-9]{1,3}$/.test(text)) return Number(text) <= bits ? prefixMask(Number(text), bits) : undefined;
  return parseBits(text, format);
}

function formatBits(value: bigint, format: Format): string {
  if (format === 'mac') return formatMac(value);
  if (format === 'ipv4') return formatIp({ family: 4, value });
  if (format === 'ipv6') return formatIp({ family: 6, value });
  return hex(value);
}

function parsePort(written: string | number, topology: Topology, full: bigint): Parsed<FieldMatch> {
  const port = findPort(written, topology);
  return port.ok ? parsed({ value: BigInt(port.value), mask: full }) : port;
}

/** A port's number by its name, or by its number as a number or in digits where no port has the digits as its name. */
export function findPort(written: string | number, { ports, portByName, portByNumber }: Topology): Parsed<number> {
  const named = typeof written === 'string' ? portByName.get(written) : undefined;
  const digits = typeof written === 'number' || /^[0-9]{1,5}$/.test(written) ? Number(written) : undefined;
  const found = named ?? (digits === undefined ? undefined : portByNumber.get(digits));
  if (found) return parsed(found.number);
  const known = ports.length === 0 ? 'the switch has no ports' : `the switch has ${ports.map((port) => port.name).join(', ')}`;
  return refused(`there is no port ${JSON.stringify(written)}`, known);
}
