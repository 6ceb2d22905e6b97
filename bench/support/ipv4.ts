/** A 32-bit number as people write the address. */
export const ipv4Text = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

export function ipv4Number(text: string): number {
  const [a = NaN, b = NaN, c = NaN, d = NaN] = text.split('.').map(Number);
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  if (!Number.isInteger(address)) throw new RangeError(`not an IPv4 address: ${text}`);
  return address;
}

/** The network part's bits of a prefix length. */
export const ipv4Mask = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

export interface Ipv4Prefix {
  readonly address: number;
  readonly length: number;
}

export const prefixText = ({ address, length }: Ipv4Prefix): string => `${ipv4Text(address)}/${length}`;

export function parseIpv4Prefix(text: string): Ipv4Prefix {
  const [address = '', length = '32'] = text.split('/');
  return { address: ipv4Number(address), length: Number(length) };
}

export const covers = ({ address, length }: Ipv4Prefix, other: number): boolean => ((address ^ other) & ipv4Mask(length)) === 0;
