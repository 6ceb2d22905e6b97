/** IPv4 or IPv6, as flows know them. */
export type Family = 4 | 6;
export const ethType = { 4: 0x0800, 6: 0x86dd } as const;
export const familyBits = { 4: 32, 6: 128 } as const;

/** `value` has no bit beyond `length`. */
export interface Prefix {
  readonly family: Family;
  readonly value: bigint;
  readonly length: number;
}

/** Of an address or `ADDRESS/LENGTH` in an option; the switch says the rest that is wrong with it. */
export const prefixPattern = '^([0-9.]{7,15}(/[0-9]{1,2})?|[0-9a-fA-F:.]{2,45}(/[0-9]{1,3})?)$';

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4);

/** An address or a prefix; undefined where it is none, or has bits beyond its length. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', lengthText, more] = text.split('/');
  const family = familyOf(address);
  const bits = familyBits[family];
  const value = family === 4 ? ipv4(address) : ipv6(address);
  const length = lengthText === undefined ? bits : /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : bits + 1;
  if (value === undefined || more !== undefined || length > bits) return undefined;
  return (value & ((1n << BigInt(bits - length)) - 1n)) === 0n ? { family, value, length } : undefined;
}

export const covers = (outer: Prefix, inner: Prefix): boolean => {
  const free = BigInt(familyBits[outer.family] - outer.length);
  return outer.family === inner.family && outer.length <= inner.length && outer.value >> free === inner.value >> free;
};

/** As a match has it. */
export function formatPrefix({ family, value, length }: Prefix): string {
  const bits = familyBits[family];
  const step = family === 4 ? 8 : 16;
  const parts = Array.from({ length: bits / step }, (_, i) =>
    Number((value >> BigInt(bits - step * (i + 1))) & ((1n << BigInt(step)) - 1n)),
  );
  const address = family === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
  return length === bits ? address : `${address}/${length}`;
}

/** The same text for all spellings of an address. */
export const canonical = (address: string): string => {
  const parsed = parsePrefix(address);
  return parsed ? formatPrefix(parsed) : address;
};

/** As it lies in a packet, in 4 or 16 bytes; undefined where it is no address. */
export function addressBytes(address: string): Uint8Array | undefined {
  const parsed = parsePrefix(address);
  if (!parsed || parsed.length < familyBits[parsed.family]) return undefined;
  const { family, value } = parsed;
  return Uint8Array.from({ length: familyBits[family] / 8 }, (_, i) =>
    Number((value >> BigInt(familyBits[family] - 8 * (i + 1))) & 0xffn),
  );
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

/** RFC 4291, section 2.2. */
function ipv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0n), ...tail].reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** Of one side of `::`, 16 bits each; the last may be an IPv4 address. */
function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const embedded = i === parts.length - 1 && part.includes('.') ? ipv4(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

/** The prefixes that together are the addresses from `low` to `high`. */
export function prefixesOf({
  family,
  low,
  high,
}: {
  readonly family: Family;
  readonly low: bigint;
  readonly high: bigint;
}): Prefix[] {
  const bits = familyBits[family];
  const prefixes: Prefix[] = [];
  for (let from = low; from <= high;) {
    let free = 0;
    const larger = (): bigint => 1n << BigInt(free + 1);
    while (free < bits && from % larger() === 0n && from + larger() - 1n <= high) free++;
    prefixes.push({ family, value: from, length: bits - free });
    from += 1n << BigInt(free);
  }
  return prefixes;
}
