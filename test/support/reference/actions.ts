import type { Action } from '../../../src/model/action.js';
import type { DropReason } from '../../../src/model/drop.js';
import { concat, read16, readUint, writeUint } from './bytes.js';
import { maxTags, type Parsed } from './parse.js';
import { placeOf } from './places.js';
import { replyToEcho, replyToSolicitation } from './replies.js';
import { setField } from './set-field.js';
import type { Packet } from './state.js';

/**
 * Actions that only change the packet. Says why it ends, where it does. Between the actions of a list its headers are the ones that it
 * came to the table with; a tag moves them.
 */
export function change(packet: Packet, action: Action): DropReason | undefined {
  switch (action.type) {
    case 'set_field':
      if (action.field === 'metadata') packet.metadata = blend(packet.metadata, action);
      else if (action.field === 'tunnel_id') packet.tunnelId = blend(packet.tunnelId, action);
      else if (!setField(packet.bytes, packet.parsed, action.field, action.value, action.mask)) return 'action_without_header';
      // What follows is another header now.
      if (['eth_type', 'ip_proto', 'icmpv6_type', 'icmpv6_code'].includes(action.field)) packet.readAgain();
      return undefined;
    case 'dec_ttl':
      return decrementTtl(packet);
    case 'push_vlan':
      return pushVlan(packet, action.ethertype);
    case 'pop_vlan':
      return popVlan(packet);
    case 'arp_reply':
      return replyToArp(packet, action.mac);
    case 'nd_reply':
      return replyToSolicitation(packet, action.mac);
    case 'icmp_reply':
      return replyToEcho(packet);
    default:
      throw new RangeError(`the reference does not know ${action.type}`);
  }
}

const blend = (old: bigint, { value, mask }: { readonly value: bigint; readonly mask: bigint }): bigint =>
  (old & ~mask) | (value & mask);

/** OpenFlow 1.3.5, section 5.12. */
function decrementTtl({ bytes, parsed }: Packet): DropReason | undefined {
  const place = placeOf('ip_ttl', parsed);
  if (!place) return 'action_without_header';
  const ttl = readUint(bytes, place.at, 1);
  if (ttl <= 1n) return 'ttl_expired';
  setField(bytes, parsed, 'ip_ttl', ttl - 1n, 0xffn);
  return undefined;
}

/** A new outer tag, with the VID and PCP of the one that was outermost, else 0 (OpenFlow 1.3.5, section 5.12.1). */
function pushVlan(packet: Packet, ethertype: number): DropReason | undefined {
  const tag = new Uint8Array(4);
  writeUint(tag, 0, 2, BigInt(ethertype));
  if (packet.parsed.tags > 0) writeUint(tag, 2, 2, BigInt(read16(packet.bytes, 14) & 0xefff));
  packet.bytes = concat(packet.bytes.subarray(0, 12), tag, packet.bytes.subarray(12));
  moveHeaders(packet.parsed, 1);
  return undefined;
}

function popVlan(packet: Packet): DropReason | undefined {
  const { tags } = packet.parsed;
  if (tags === 0) return 'action_without_header';
  packet.bytes = concat(packet.bytes.subarray(0, 12), packet.bytes.subarray(16));
  moveHeaders(packet.parsed, -1);
  // A tag that was not read may have come into sight.
  if (tags >= maxTags) packet.readAgain();
  return undefined;
}

/** By so many tags. */
function moveHeaders(parsed: Parsed, tags: number): void {
  parsed.tags += tags;
  parsed.end += 4 * tags;
  parsed.claim += 4 * tags;
  for (const header of Object.keys(parsed.at) as (keyof Parsed['at'])[]) parsed.at[header] += 4 * tags;
}

/** RFC 826, "Packet Reception". */
function replyToArp({ bytes, parsed }: Packet, mac: bigint): DropReason | undefined {
  const { arp } = parsed.at;
  if (arp === undefined) return 'action_without_header';
  const [sender, target] = [bytes.slice(arp + 8, arp + 18), bytes.slice(arp + 18, arp + 28)];
  bytes.set(sender.subarray(0, 6), 0);
  writeUint(bytes, 6, 6, mac);
  writeUint(bytes, arp + 6, 2, 2n);
  writeUint(bytes, arp + 8, 6, mac);
  bytes.set(target.subarray(6), arp + 14);
  bytes.set(sender, arp + 18);
  return undefined;
}
