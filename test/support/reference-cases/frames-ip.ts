import type { Match } from '../../../src/model/match.js';
import { bytesOf, concat, writeUint } from '../reference/bytes.js';
import { checksumOf } from '../reference/checksum.js';
import { plainBytes, spoil, transportPacket, type Get } from './frames-transport.js';
import type { ExtensionShape, FragmentKind, IpShape, Shape } from './shapes.js';

const tosOf = (get: Get): bigint => (get('ip_dscp') << 2n) | get('ip_ecn');

/** Offset in units of 8 bytes, and whether more fragments follow. */
const fragments: Readonly<Record<FragmentKind, readonly [offset: number, more: boolean]>> = {
  none: [0, false],
  atomic: [0, false],
  first: [0, true],
  middle: [3, true],
  last: [3, false],
};

/** As the shape says, or else what the match asks for. */
function fragmentOf(get: Get, { fragment }: IpShape, aim: Match): FragmentKind {
  if (fragment !== undefined || !aim.has('ip_frag')) return fragment ?? 'none';
  const bits = get('ip_frag');
  return (bits & 2n) !== 0n ? 'last' : bits === 1n ? 'first' : 'none';
}

const claimed = (real: number, { lengthError = 0, noLength }: IpShape): number =>
  noLength === true ? 0 : Math.max(0, real + lengthError);

export function ipv4Packet(get: Get, shape: Shape, aim: Match, udpPayload: Uint8Array): Uint8Array {
  const odd = shape.ip ?? {};
  const addresses = bytesOf([4, get('ipv4_src')], [4, get('ipv4_dst')]);
  const payload = transportPacket(get, shape, addresses, udpPayload);
  const words = 5 + (odd.options ?? 0);
  const [offset, more] = fragments[fragmentOf(get, odd, aim)];
  const header = concat(
    bytesOf(
      [1, ((odd.version ?? 4) << 4) | (odd.headerWords ?? words)],
      [1, tosOf(get)],
      [2, claimed(words * 4 + payload.length, odd)],
      [2, 0x4242],
      [2, offset | (more ? 0x2000 : 0)],
      [1, get('ip_ttl')],
      [1, get('ip_proto')],
      [2, 0],
    ),
    addresses,
    plainBytes(words * 4 - 20),
  );
  writeUint(header, 10, 2, BigInt(checksumOf(header)));
  if (odd.wrongChecksum === true) spoil(header, 10);
  return concat(header, payload);
}

export function ipv6Packet(get: Get, shape: Shape, aim: Match, udpPayload: Uint8Array): Uint8Array {
  const odd = shape.ip ?? {};
  const addresses = bytesOf([16, get('ipv6_src')], [16, get('ipv6_dst')]);
  const fragment = fragmentOf(get, odd, aim);
  const extensions = odd.extensions ?? chainFor(get, fragment, aim);
  const [first, chain] = chainOf(extensions, Number(get('ip_proto')));
  const payload = concat(chain, transportPacket(get, shape, addresses, udpPayload));
  const word = (BigInt(odd.version ?? 6) << 28n) | (tosOf(get) << 20n) | get('ipv6_flabel');
  return concat(bytesOf([4, word], [2, claimed(payload.length, odd)], [1, first], [1, get('ip_ttl')]), addresses, payload);
}

/** Chains to match ipv6_exthdr on. */
const chains: readonly (readonly ExtensionShape['kind'][])[] = [
  ['destination'],
  ['hop_by_hop', 'destination', 'routing', 'destination'],
  ['destination', 'destination'],
  ['destination', 'hop_by_hop'],
  ['atomic', 'authentication'],
  ['routing', 'routing'],
  ['hop_by_hop', 'hop_by_hop'],
  ['destination', 'destination', 'destination'],
];

function chainFor(get: Get, fragment: FragmentKind, aim: Match): readonly ExtensionShape[] {
  const chain = aim.has('ipv6_exthdr') ? chains[Number((get('eth_src') ^ get('ipv6_dst') ^ get('ip_ttl')) % 8n)]! : [];
  const kinds = fragment === 'none' ? chain : [...chain, fragment];
  return kinds.map((kind) => ({ kind, more: 0, segmentsLeft: 0 }));
}

const numbers = { hop_by_hop: 0, destination: 60, routing: 43, authentication: 51 } as const;
const numberOf = ({ kind }: ExtensionShape): number => (kind in numbers ? numbers[kind as keyof typeof numbers] : 44);

/** The first one's number, and the headers, the last of which says `proto`. */
function chainOf(extensions: readonly ExtensionShape[], proto: number): readonly [number, Uint8Array] {
  const kinds = [...extensions.map(numberOf), proto];
  return [kinds[0]!, concat(...extensions.map((extension, i) => extensionHeader(extension, kinds[i + 1]!)))];
}

function extensionHeader({ kind, more, segmentsLeft }: ExtensionShape, next: number): Uint8Array {
  switch (kind) {
    case 'hop_by_hop':
    case 'destination':
      return concat(bytesOf([1, next], [1, more]), plainBytes(6 + 8 * more));
    case 'routing':
      return concat(bytesOf([1, next], [1, more], [1, 4], [1, segmentsLeft]), plainBytes(4 + 8 * more));
    case 'authentication':
      return concat(bytesOf([1, next], [1, 1 + more]), plainBytes(10 + 4 * more));
    default: {
      const [offset, follow] = fragments[kind];
      return bytesOf([1, next], [1, 0], [2, (offset << 3) | (follow ? 1 : 0)], [4, 0x4242]);
    }
  }
}
