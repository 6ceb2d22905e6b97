import type { Family } from './prefix.js';

/** Where the parts of a frame are that a plugin reads. */
export interface Layers {
  readonly family: Family;
  /** Bytes from the frame's start. */
  readonly ip: number;
  readonly protocol: number;
  /** Of what follows the IP headers, and where the IP packet ends. */
  readonly payload: number;
  readonly end: number;
}

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/**
 * Of an untagged IP packet that is whole and no fragment, without extension headers; undefined for all else. Lengths that contradict
 * each other are not believed.
 */
export function layersOf(frame: Uint8Array): Layers | undefined {
  const ip = 14;
  const type = u16(frame, 12);
  if (type === 0x0800 && frame.length >= ip + 20) {
    const first = frame[ip] ?? 0;
    const [headerBytes, totalBytes] = [(first & 15) * 4, u16(frame, ip + 2)];
    const fits = first >> 4 === 4 && headerBytes >= 20 && totalBytes >= headerBytes && ip + totalBytes <= frame.length;
    if (!fits || (u16(frame, ip + 6) & 0x3fff) !== 0) return undefined;
    return { family: 4, ip, protocol: frame[ip + 9] ?? 0, payload: ip + headerBytes, end: ip + totalBytes };
  }
  if (type === 0x86dd && frame.length >= ip + 40) {
    const end = ip + 40 + u16(frame, ip + 4);
    if ((frame[ip] ?? 0) >> 4 !== 6 || end > frame.length) return undefined;
    return { family: 6, ip, protocol: frame[ip + 6] ?? 0, payload: ip + 40, end };
  }
  return undefined;
}

export const macText = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

/** As people write it, of the bytes of an address; IPv6 without `::`. */
export const addressText = (bytes: Uint8Array): string =>
  bytes.length === 4 ? bytes.join('.') : Array.from({ length: 8 }, (_, i) => u16(bytes, 2 * i).toString(16)).join(':');

/** The addresses of an IP packet. */
export function endsOf(
  frame: Uint8Array,
  { family, ip }: Layers,
): { readonly source: Uint8Array; readonly destination: Uint8Array } {
  const [from, length] = family === 4 ? [ip + 12, 4] : [ip + 8, 16];
  return { source: frame.subarray(from, from + length), destination: frame.subarray(from + length, from + 2 * length) };
}
