import ipaddr from 'ipaddr.js';
import { fullMask } from './match.js';

/** An IP address; `value` holds 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** An IP prefix; `value` has no bit beyond `length`. */
export interface IpPrefix extends IpAddress {
  readonly length: number;
}

export const familyBits = { 4: 32, 6: 128 } as const;

const fromBytes = (bytes: Iterable<number>): bigint => {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
};

const toBytes = (value: bigint, bits: number): number[] =>
  Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(bits - 8 - 8 * i)) & 0xffn));

/** As it lies in a packet, in 4 or 16 bytes. */
export const ipOfBytes = (bytes: Uint8Array): IpAddress => ({ family: bytes.length === 4 ? 4 : 6, value: fromBytes(bytes) });

export const bytesOfIp = ({ family, value }: IpAddress): Uint8Array => Uint8Array.from(toBytes(value, familyBits[family]));

/** Four decimal octets only: the shorter forms of inet_aton(3) are typing errors here. */
const ipv4Pattern = /^(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$/;

/** The address in `text`, or undefined where it is none. IPv6 zones are refused. */
export function parseIp(text: string): IpAddress | undefined {
  const ipv4 = ipv4Pattern.exec(text);
  if (ipv4) {
    const [a, b, c, d] = [Number(ipv4[1]), Number(ipv4[2]), Number(ipv4[3]), Number(ipv4[4])];
    return Math.max(a, b, c, d) <= 255 ? { family: 4, value: BigInt(((a * 256 + b) * 256 + c) * 256 + d) } : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return { family: 6, value: fromBytes(ipaddr.IPv6.parse(text).toByteArray()) };
}

/** As people write it; IPv6 as in RFC 5952. */
export function formatIp({ family, value }: IpAddress): string {
  const bytes = toBytes(value, familyBits[family]);
  return family === 4 ? bytes.join('.') : (ipaddr.fromByteArray(bytes) as ipaddr.IPv6).toRFC5952String();
}

/** The bits of a prefix of `length`, in an address of `bits`. */
export const prefixMask = (length: number, bits: number): bigint => fullMask(bits) ^ fullMask(bits - length);

/** The length of the prefix that `mask` is the mask of, or undefined where its ones are not all at the left. */
export function prefixLength(mask: bigint, bits: number): number | undefined {
  const rest = mask ^ fullMask(bits);
  if ((rest & (rest + 1n)) !== 0n) return undefined;
  return bits - (rest === 0n ? 0 : rest.toString(2).length);
}

/** `ADDRESS/LENGTH`. `value` keeps bits beyond the length, which are a fault for who asks; see hostBits. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf('/');
  const length = text.slice(slash + 1);
  const address = slash < 0 || !/^[0-9]{1,3}$/.test(length) ? undefined : parseIp(text.slice(0, slash));
  if (!address || Number(length) > familyBits[address.family]) return undefined;
  return { ...address, length: Number(length) };
}

export const formatPrefix = (prefix: IpPrefix): string => `${formatIp(prefix)}/${prefix.length}`;

/** The bits of the address that the prefix's mask does not cover; 0 in a prefix that is well written. */
export const hostBits = ({ family, value, length }: IpPrefix): bigint => value & fullMask(familyBits[family] - length);

export const withoutHostBits = (prefix: IpPrefix): IpPrefix => ({ ...prefix, value: prefix.value - hostBits(prefix) });

export function contains(prefix: IpPrefix, address: IpAddress): boolean {
  const free = BigInt(familyBits[prefix.family] - prefix.length);
  return prefix.family === address.family && prefix.value >> free === address.value >> free;
}

export const overlaps = (a: IpPrefix, b: IpPrefix): boolean => (a.length <= b.length ? contains(a, b) : contains(b, a));

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** 48 bits, or undefined where `text` is no MAC address. */
export const parseMac = (text: string): bigint | undefined =>
  macPattern.test(text) ? BigInt('0x' + text.replaceAll(':', '')) : undefined;

export const formatMac = (mac: bigint): string => (mac.toString(16).padStart(12, '0').match(/../g) ?? []).join(':');

/** A MAC address of a group, which no port or VM can have (IEEE 802, I/G bit). */
export const isGroupMac = (mac: bigint): boolean => ((mac >> 40n) & 1n) === 1n;
