import type { GroupHash } from '../../../src/model/group.js';
import type { FieldName } from '../../../src/model/match.js';
import { concat, writeUint } from './bytes.js';
import { crc32c } from './checksum.js';

/**
 * The number that stands for a packet's flow: in the UDP source port of a tunnel (RFC 7348, section 5), and in the choice of a select
 * group. Neither standard says how it is made; it is CRC-32C of these bytes, as in native/packet/flow_hash.h.
 */
export function hashOf(fields: ReadonlyMap<FieldName, bigint>, hash: GroupHash): number {
  const one = flowHash(fields);
  return hash === 'five_tuple' ? one : finish(one + flowHash(new Map([...fields].map(([name, value]) => [turned(name), value]))));
}

/** The field that has this one's place in packets of the other direction. */
function turned(name: FieldName): FieldName {
  const other = name.endsWith('_src') ? name.replace(/_src$/, '_dst') : name.replace(/_dst$/, '_src');
  return other as FieldName;
}

function flowHash(fields: ReadonlyMap<FieldName, bigint>): number {
  const bytes = (count: number, ...names: FieldName[]): Uint8Array => {
    const found = names.map((name) => fields.get(name)).find((value) => value !== undefined) ?? 0n;
    const written = new Uint8Array(count);
    writeUint(written, 0, count, found);
    return written;
  };
  const type = bytes(2, 'eth_type');
  const proto = Number(fields.get('ip_proto') ?? 0n);
  if (proto === 0) {
    const tag = new Uint8Array(2);
    writeUint(tag, 0, 2, (fields.get('vlan_vid') ?? 0n) | ((fields.get('vlan_pcp') ?? 0n) << 13n));
    return finish(crc32c(concat(bytes(6, 'eth_dst'), tag, bytes(6, 'eth_src'), new Uint8Array(2)), type[0]! | (type[1]! << 8)));
  }
  // A flow's fragments need one bucket, and later ones have no ports.
  const fragment = (fields.get('ip_frag') ?? 0n) !== 0n;
  const port = (end: 'src' | 'dst'): Uint8Array =>
    fragment ? new Uint8Array(2) : bytes(2, `tcp_${end}`, `udp_${end}`, `sctp_${end}`);
  const ipv4 = [bytes(4, 'ipv4_dst'), bytes(4, 'ipv4_src')];
  const ipv6 = fields.get('eth_type') === 0x86ddn ? [bytes(16, 'ipv6_src'), bytes(16, 'ipv6_dst')] : [];
  return finish(crc32c(concat(...ipv4, new Uint8Array([proto, 0]), type, port('dst'), port('src'), ...ipv6), 0));
}

/** The last step of MurmurHash3's 32 bits. */
function finish(sum: number): number {
  let hash = sum >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
