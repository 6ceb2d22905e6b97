import { adjustChecksum, adjustUdpChecksum } from './checksum.js';
import { readUint, writeUint } from './bytes.js';
import type { Packet } from './state.js';
import { setField } from './set-field.js';
import type { Ends, Tracked } from './tracked.js';

/** Gives the packet, or of an error also the packet that it is about, these ends. */
export function translate({ bytes, parsed }: Packet, { kind, proto, family, ends }: Tracked, to: Ends): void {
  const set = (end: 'src' | 'dst', value: bigint): void => {
    setField(bytes, parsed, `ipv${family}_${end}`, value, (1n << 128n) - 1n);
  };
  if (kind === 'error') {
    translateQuoted(bytes, parsed.at.transport!, parsed.end, family, proto, to);
    if (to.src !== ends.src) set('src', to.src);
    if (to.dst !== ends.dst) set('dst', to.dst);
    return;
  }
  set('src', to.src);
  set('dst', to.dst);
  const name = proto === 6 ? 'tcp' : proto === 17 ? 'udp' : proto === 132 ? 'sctp' : undefined;
  if (name) {
    setField(bytes, parsed, `${name}_src`, BigInt(to.srcPort), 0xffffn);
    setField(bytes, parsed, `${name}_dst`, BigInt(to.dstPort), 0xffffn);
  } else if (kind === 'request' || kind === 'reply') {
    const at = parsed.at.transport!;
    const before = bytes.slice(at + 4, at + 6);
    writeUint(bytes, at + 4, 2, BigInt(to.srcPort));
    adjustChecksum(bytes, at + 2, before, bytes.slice(at + 4, at + 6));
  }
}

/** RFC 5508, section 4: the quoted packet goes the other way, so its source is the error's destination. */
function translateQuoted(bytes: Uint8Array, icmp: number, end: number, family: 4 | 6, proto: number, to: Ends): void {
  const before = bytes.slice(icmp + 8, end + (end & 1));
  const ip = icmp + 8;
  const addressBytes = family === 4 ? 4 : 16;
  const addressesAt = ip + (family === 4 ? 12 : 8);
  const addresses = bytes.slice(addressesAt, addressesAt + 2 * addressBytes);
  writeUint(bytes, addressesAt, addressBytes, to.dst);
  writeUint(bytes, addressesAt + addressBytes, addressBytes, to.src);
  const changed = bytes.slice(addressesAt, addressesAt + 2 * addressBytes);
  if (family === 4) adjustChecksum(bytes, ip + 10, addresses, changed);
  const transport = family === 4 ? ip + Number(readUint(bytes, ip, 1) & 15n) * 4 : ip + 40;
  const isQuery = proto === 1 || proto === 58;
  if (isQuery || proto === 6 || proto === 17 || proto === 132) {
    const at = isQuery ? transport + 4 : transport;
    const ports = bytes.slice(at, at + (isQuery ? 2 : 4));
    writeUint(bytes, at, 2, BigInt(to.dstPort));
    if (!isQuery) writeUint(bytes, at + 2, 2, BigInt(to.srcPort));
    const now = bytes.slice(at, at + (isQuery ? 2 : 4));
    // Where the quote is too short for it, there is none.
    const sum = transport + (isQuery ? 2 : proto === 6 ? 16 : 6);
    if (proto !== 132 && sum + 2 <= end) {
      const adjust = proto === 17 ? adjustUdpChecksum : adjustChecksum;
      const both = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.from([...(proto === 1 ? [] : a), ...b]);
      adjust(bytes, sum, both(addresses, ports), both(changed, now));
    }
  }
  adjustChecksum(bytes, icmp + 2, before, bytes.slice(icmp + 8, end + (end & 1)));
}
