import { read16 } from './bytes.js';

/** Where a chain of IPv6 extension headers ends, and what was on the way. */
export interface Extensions {
  readonly proto: number;
  readonly at: number;
  /** Of the byte that says `proto`. */
  readonly protoAt: number;
  readonly fragment: boolean;
  readonly later: boolean;
  /** A routing header with segments left. */
  readonly routed: boolean;
  /** ofp_ipv6exthdr_flags (OpenFlow 1.3.5, section 7.2.3.7). */
  readonly flags: number;
}

const [hopByHop, routing, fragmentHeader, esp, authentication, noNext, destination] = [0, 43, 44, 50, 51, 59, 60];
const flagOf = new Map([
  [noNext, 1],
  [esp, 2],
  [authentication, 4],
  [destination, 8],
  [fragmentHeader, 16],
  [routing, 32],
  [hopByHop, 64],
]);
const repeated = 128;
const outOfOrder = 256;
/** The order of RFC 8200, section 4.1; destination options may stand before routing and at the end. */
const order = [hopByHop, destination, routing, fragmentHeader, authentication, esp, destination];
const maxHeaders = 8;

/** Undefined where the chain is cut short or longer than the bound. */
export function readExtensions(bytes: Uint8Array, at: number, end: number, protoAt: number): Extensions | undefined {
  const seen: number[] = [];
  let next = bytes[protoAt]!;
  let [fragment, later, routed] = [false, false, false];
  while ([hopByHop, routing, fragmentHeader, authentication, destination].includes(next)) {
    if (seen.length === maxHeaders || end < at + 8) return undefined;
    const type = next;
    seen.push(type);
    next = bytes[at]!;
    protoAt = at;
    if (type === routing && bytes[at + 3] !== 0) routed = true;
    const start = at;
    at += sizeOf(type, bytes[at + 1]!);
    if (type !== fragmentHeader) continue;
    later = read16(bytes, start + 2) >> 3 !== 0;
    fragment ||= later || (bytes[start + 3]! & 1) !== 0;
    if (later) break;
  }
  if (!later && (next === esp || next === noNext)) seen.push(next);
  return { proto: next, at, protoAt, fragment, later, routed, flags: flagsOf(seen) };
}

function sizeOf(type: number, length: number): number {
  if (type === fragmentHeader) return 8;
  // RFC 4302, section 2.2: in words of 4 bytes, less 2.
  return type === authentication ? (length + 2) * 4 : (length + 1) * 8;
}

function flagsOf(seen: readonly number[]): number {
  let flags = 0;
  let place = 0;
  seen.forEach((type, i) => {
    flags |= flagOf.get(type)!;
    const before = seen.slice(0, i).filter((other) => other === type).length;
    if (before >= (type === destination ? 2 : 1)) flags |= repeated;
    if (type === noNext) return;
    const found = order.indexOf(type, place);
    if (found < 0) flags |= outOfOrder;
    else place = found;
  });
  return flags;
}
