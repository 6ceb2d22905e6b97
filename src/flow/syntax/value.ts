import { formatIp, formatMac, parseIp, parseMac, prefixLength, prefixMask } from '../../model/address.js';
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
  number: 'a number, or `value/mask`',
} as const;

/** A field's value and mask from the text or number in which people write it. */
export function parseField(name: FieldName, written: string | number, topology: Topology): Parsed<FieldMatch> {
  const { bits, format } = fieldOf(name).spec;
  const full = fullMask(bits);
  if (format === 'port') return parsePort(written, topology, full);
  if (format === 'vlan' && typeof written === 'number') return exact(vlanOf(written), full, name);
  if (typeof written === 'number') {
    if (format !== 'number') return refused(`${name} is no plain number`, `give ${examples[format]}`);
    return exact(BigInt(written), full, name);
  }
  const slash = written.indexOf('/');
  const valueText = slash < 0 ? written : written.slice(0, slash);
  const value = parseBits(valueText, format);
  if (value === undefined) return refused(`"${valueText}" is no value of ${name}`, `give ${examples[format]}`);
  if (slash < 0) return exact(format === 'vlan' ? vlanOf(Number(value)) : value, full, name);
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
export function formatField(name: FieldName, { value, mask }: FieldMatch, topology: Topology): string | number {
  const { bits, format } = fieldOf(name).spec;
  if (format === 'port') return topology.portByNumber.get(Number(value))?.name ?? Number(value);
  if (mask === fullMask(bits)) {
    if (format === 'vlan') return value > vlanPresent ? Number(value - vlanPresent) : Number(value);
    return format === 'number' ? Number(value) : formatBits(value, format);
  }
  const length = format === 'ipv4' || format === 'ipv6' ? prefixLength(mask, bits) : undefined;
  return `${formatBits(value, format)}/${length ?? formatBits(mask, format)}`;
}

type Format = keyof typeof examples;

const show = (value: bigint): string => `${value} (0x${value.toString(16)})`;

/** Tags are written as in VLAN configurations; 0 is OFPVID_NONE, and from 4096 on a number is OXM's own 13 bits. */
const vlanOf = (written: number): bigint => (written >= 1 && written <= 4095 ? BigInt(written) | vlanPresent : BigInt(written));

function exact(value: bigint, full: bigint, name: FieldName): Parsed<FieldMatch> {
  return value <= full ? parsed({ value, mask: full }) : refused(`${name} goes to ${show(full)}`, `give 0 to ${full}`);
}

function parseBits(text: string, format: Format): bigint | undefined {
  if (format === 'mac') return parseMac(text);
  if (format === 'ipv4' || format === 'ipv6') {
    const address = parseIp(text);
    return address && address.family === (format === 'ipv4' ? 4 : 6) ? address.value : undefined;
  }
  return /^(0x[0-9a-f]{1,32}|[0-9]{1,39})$/i.test(text) ? BigInt(text) : undefined;
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
  return `0x${value.toString(16)}`;
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
