import { read16, readUint } from './bytes.js';
import { parseIpv4, parseIpv6 } from './parse-ip.js';
import type { Parsed } from './parse.js';

/** The ends of a packet or of a direction; of ICMP queries the identifier is in both ports. */
export interface Ends {
  readonly src: bigint;
  readonly dst: bigint;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** What a packet says of its connection. */
export interface Tracked {
  readonly kind: 'packet' | 'request' | 'reply' | 'error' | 'untracked' | 'invalid';
  readonly family: 4 | 6;
  readonly proto: number;
  /** Of an error those of the packet that it is about, turned: so they are in the error's direction. */
  readonly ends: Ends;
  /** Of an error: what the packet is about which it tells. */
  readonly about?: 'packet' | 'request' | 'reply';
  readonly flags: number;
  readonly later: boolean;
}

export const turned = ({ src, dst, srcPort, dstPort }: Ends): Ends => ({
  src: dst,
  dst: src,
  srcPort: dstPort,
  dstPort: srcPort,
});

const withPorts = [6, 17, 132];
const requests = { 4: [8, 13, 15], 6: [128] };
const replies = { 4: [0, 14, 16], 6: [129] };
const errors = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4] };

const nothing: Tracked = {
  kind: 'invalid',
  family: 4,
  proto: 0,
  ends: { src: 0n, dst: 0n, srcPort: 0, dstPort: 0 },
  flags: 0,
  later: false,
};

/** Of what is read of every packet; neighbour discovery is read where rules match it. */
const isBroken = ({ broken, overlong }: Parsed): boolean => overlong || (broken !== undefined && broken !== 'neighbour');

export function trackedOf(bytes: Uint8Array, parsed: Parsed): Tracked {
  const family = parsed.at.ipv4 !== undefined ? 4 : parsed.at.ipv6 !== undefined ? 6 : undefined;
  if (family === undefined || isBroken(parsed)) return nothing;
  const field = (name: 'src' | 'dst'): bigint => parsed.fields.get(`ipv${family}_${name}`) ?? 0n;
  const proto = Number(parsed.fields.get('ip_proto'));
  const later = ((parsed.fields.get('ip_frag') ?? 0n) & 2n) !== 0n;
  const base = { family, proto, flags: 0, later } as const;
  const ends = { src: field('src'), dst: field('dst'), srcPort: 0, dstPort: 0 };
  const at = parsed.at.transport;
  if (later || at === undefined) return { ...base, kind: 'packet', ends };
  if (withPorts.includes(proto)) {
    const [srcPort, dstPort] = [read16(bytes, at), read16(bytes, at + 2)];
    if (proto === 6 && !isWholeTcp(bytes, at, parsed.claim)) return nothing;
    return { ...base, kind: 'packet', ends: { ...ends, srcPort, dstPort }, flags: proto === 6 ? bytes[at + 13]! & 0x3f : 0 };
  }
  return { ...base, ...icmp(bytes, at, parsed.end, family, ends) };
}

/** RFC 9293: the header is as long as it says; its options are looked for in a SYN alone. */
function isWholeTcp(bytes: Uint8Array, at: number, claim: number): boolean {
  const headerBytes = (bytes[at + 12]! >> 4) * 4;
  const syn = (bytes[at + 13]! & 2) !== 0;
  return headerBytes >= 20 && at + headerBytes <= (syn ? Math.min(bytes.length, claim) : claim);
}

function icmp(bytes: Uint8Array, at: number, end: number, family: 4 | 6, ends: Ends): Pick<Tracked, 'kind' | 'ends'> {
  const type = bytes[at]!;
  const query = requests[family].includes(type) ? 'request' : replies[family].includes(type) ? 'reply' : undefined;
  if (query === undefined && !errors[family].includes(type)) return { kind: 'untracked', ends };
  if (end < at + 8) return { kind: 'invalid', ends };
  if (query === undefined) {
    const error = quoted(bytes.subarray(0, end), at + 8, family);
    // It goes to who sent what it quotes.
    return error.kind === 'error' && error.ends.dst === ends.dst ? error : nothing;
  }
  const id = read16(bytes, at + 4);
  return { kind: query, ends: { ...ends, srcPort: id, dstPort: id } };
}

/** The packet that an error is about; where ports are read, the 8 bytes behind the IP header must be there (RFC 792). */
function quoted(bytes: Uint8Array, at: number, family: 4 | 6): Omit<Tracked, 'family' | 'later' | 'flags'> {
  const inner: Parsed = {
    fields: new Map(),
    at: {},
    tags: 0,
    end: bytes.length,
    claim: bytes.length,
    routed: false,
    overlong: false,
  };
  (family === 4 ? parseIpv4 : parseIpv6)(bytes, at, inner);
  const proto = Number(inner.fields.get('ip_proto') ?? 0n);
  const start = family === 4 ? at + (bytes[at]! & 15) * 4 : at + 40;
  const isQuery = proto === (family === 4 ? 1 : 58);
  const hasPorts = withPorts.includes(proto);
  if (inner.at[`ipv${family}`] === undefined || inner.overlong) return nothing;
  if ((isQuery || hasPorts) && bytes.length < start + 8) return nothing;
  const [src, dst] = [
    readUint(bytes, family === 4 ? at + 12 : at + 8, family === 4 ? 4 : 16),
    inner.fields.get(`ipv${family}_dst`)!,
  ];
  if (isQuery) {
    const type = bytes[start]!;
    const about = requests[family].includes(type) ? 'request' : replies[family].includes(type) ? 'reply' : undefined;
    const id = read16(bytes, start + 4);
    return about === undefined ? nothing : { kind: 'error', proto, about, ends: turned({ src, dst, srcPort: id, dstPort: id }) };
  }
  const ports = hasPorts ? [read16(bytes, start), read16(bytes, start + 2)] : [0, 0];
  return { kind: 'error', proto, about: 'packet', ends: turned({ src, dst, srcPort: ports[0]!, dstPort: ports[1]! }) };
}
