import ipaddr from 'ipaddr.js';

/** An IP address as an integer of 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** `value` has no bit beyond `length`. */
export interface IpPrefix extends IpAddress {
  readonly length: number;
}

const macPattern = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/** A MAC address as a 48-bit integer; undefined where the text is none. */
export const parseMac = (text: string): bigint | undefined =>
  macPattern.test(text) ? BigInt('0x' + text.replaceAll(':', '')) : undefined;

export const formatMac = (mac: bigint): string =>
  mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:');

const fromBytes = (bytes: readonly number[]): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

function toBytes(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 0xffn));
}

/** Dotted decimal with four parts, or IPv6 text (RFC 4291); undefined where the text is neither. */
export function parseIp(text: string): IpAddress | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { family: 4, value: fromBytes(ipaddr.IPv4.parse(text).toByteArray()) };
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return { family: 6, value: fromBytes(ipaddr.IPv6.parse(text).toByteArray()) };
}

/** IPv6 in the form of RFC 5952. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return toBytes(value, 4).join('.');
  return new ipaddr.IPv6(toBytes(value, 16)).toRFC5952String();
}

export const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** The mask of a prefix of this length. */
export const prefixMask = (family: 4 | 6, length: number): bigint => {
  const bits = BigInt(bitsOf(family));
  return ((1n << bits) - 1n) ^ ((1n << (bits - BigInt(length))) - 1n);
};

/** The length of a mask that is a prefix's; undefined for any other. */
export function prefixLength(mask: bigint, bits: number): number | undefined {
  const host = ((1n << BigInt(bits)) - 1n) ^ mask;
  if ((host & (host + 1n)) !== 0n) return undefined;
  return bits - (host === 0n ? 0 : host.toString(2).length);
}

/** `address/length` without host bits; undefined where the text is anything else. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [address = '', lengthText = '', ...rest] = text.split('/');
  const ip = parseIp(address);
  if (!ip || rest.length > 0 || !/^\d{1,3}$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > bitsOf(ip.family) || (ip.value & ~prefixMask(ip.family, length)) !== 0n) return undefined;
  return { ...ip, length };
}

export const formatPrefix = (prefix: IpPrefix): string => `${formatIp(prefix)}/${prefix.length}`;

export const contains = (prefix: IpPrefix, ip: IpAddress): boolean =>
  prefix.family === ip.family && (ip.value & prefixMask(ip.family, prefix.length)) === prefix.value;
