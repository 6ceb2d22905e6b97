import { fieldOf, type FieldMatch, type FieldName, type Match } from '../../../src/model/match.js';
import { bytesOf, concat } from '../reference/bytes.js';
import { ipv4Packet, ipv6Packet } from './frames-ip.js';
import { plainBytes, type Get } from './frames-transport.js';
import { pool, strangeVni } from './pools.js';
import type { Frame, Shape, TunnelShape } from './shapes.js';

/** What a packet is to meet: a match, and a tunnel that is taken off. */
export interface Aim {
  readonly match: Match;
  readonly tunnel?: { readonly kind: TunnelShape['kind']; readonly vni: number } | undefined;
}

const noAim: Aim = { match: new Map() };

/** A packet with what `aim` matches, else with values from the pool. */
export function buildFrame({ dice, shape: plain }: Frame, { match: aim, tunnel }: Aim): Uint8Array {
  const shape = { ...plain, tunnel: tunnelFor(plain, tunnel, dice) };
  const get: Get = (field) => aimed(aim.get(field), field === 'in_port' ? 0n : rolled(field, dice));
  const type = get('eth_type');
  const payload = concat(payloadOf(type, get, shape, aim), new Uint8Array(shape.padding ?? 0));
  const tags = tagsOf(get, shape, aim).map(({ type: kind, tci }) => bytesOf([2, kind], [2, tci]));
  const frame = concat(bytesOf([6, get('eth_dst')], [6, get('eth_src')]), ...tags, bytesOf([2, type]), payload);
  return shape.cut === undefined ? frame : frame.subarray(0, shape.cut);
}

/** The tunnel that is asked for; a VNI that nobody asks for stays. */
function tunnelFor({ tunnel }: Shape, wanted: Aim['tunnel'], dice: readonly number[]): TunnelShape | undefined {
  if (!wanted) return tunnel;
  const { vni, ...rest } = tunnel ?? { vni: wanted.vni, inner: { dice: [...dice].reverse(), shape: { payload: 4 } } };
  return { ...rest, kind: wanted.kind, vni: vni === strangeVni ? vni : wanted.vni };
}

/** Fields share dice: few numbers say it all, and become few when a case is shrunk. */
function rolled(field: Exclude<FieldName, 'in_port'>, dice: readonly number[]): bigint {
  const values = pool[field];
  return values[dice[fieldOf(field).number % dice.length]! % values.length]!;
}

function aimed(match: FieldMatch | undefined, otherwise: bigint): bigint {
  if (!match) return otherwise;
  if (match.high !== undefined) return otherwise >= match.value && otherwise <= match.high ? otherwise : match.value;
  return match.value | (otherwise & ~match.mask);
}

/** Those of the shape, the outermost as the match asks. */
function tagsOf(get: Get, { tags = [] }: Shape, aim: Match): { readonly type: number; readonly tci: bigint }[] {
  const made = tags.map(({ type, tci }) => ({ type, tci: BigInt(tci) }));
  const vid = aim.get('vlan_vid');
  if (!vid) return made;
  const [outer = { type: 0x8100 }, ...inner] = made;
  const tagged = vid.high === undefined && (vid.value & 0x1000n) !== 0n;
  return tagged ? [{ ...outer, tci: (get('vlan_pcp') << 13n) | (get('vlan_vid') & 0xfffn) }, ...inner] : [];
}

function payloadOf(type: bigint, get: Get, shape: Shape, aim: Match): Uint8Array {
  if (type === 0x0800n) return ipv4Packet(get, shape, aim, udpPayload(shape));
  if (type === 0x86ddn) return ipv6Packet(get, shape, aim, udpPayload(shape));
  return type === 0x0806n ? arpPacket(get, shape) : plainBytes(shape.payload);
}

/** RFC 826; other kinds of addresses are other lengths, but no shorter packet here. */
const arpPacket = (get: Get, { arp }: Shape): Uint8Array =>
  bytesOf(
    [2, arp === 'token_ring' ? 6 : 1],
    [4, arp === 'ipv6' ? 0x86dd_0610 : 0x0800_0604],
    [2, get('arp_op')],
    [6, get('arp_sha')],
    [4, get('arp_spa')],
    [6, get('arp_tha')],
    [4, get('arp_tpa')],
  );

/** What a UDP packet carries: a tunnel with a packet in it, or plain bytes. */
const udpPayload = ({ tunnel, payload }: Shape): Uint8Array =>
  tunnel ? concat(tunnelHeader(tunnel), buildFrame(tunnel.inner, noAim)) : plainBytes(payload);

function tunnelHeader({ kind, vni, flipped = 0, options = 0 }: TunnelShape): Uint8Array {
  const words = kind === 'geneve' ? options : 0;
  const first = kind === 'vxlan' ? 0x0800_0000 : words * 0x0100_0000 + 0x6558;
  return concat(bytesOf([4, (first ^ flipped) >>> 0], [4, vni * 256]), plainBytes(words * 4));
}
