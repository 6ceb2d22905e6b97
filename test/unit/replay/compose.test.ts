import fc from 'fast-check';
import test from 'ava';
import { packetOfFields } from '../../../src/replay/traced-packet.js';
import { checksumOf, sctpChecksum } from '../../support/reference/checksum.js';
import { read16, readUint } from '../../support/reference/bytes.js';
import { parsePacket } from '../../support/reference/parse.js';
import { labTopology } from '../../support/topology.js';

const topology = labTopology();
const compose = (fields: string): Uint8Array => new Uint8Array(packetOfFields(`in_port=r1,${fields}`, topology).bytes);
const fieldsOf = (fields: string): Record<string, bigint> => Object.fromEntries(parsePacket(compose(fields)).fields);

test('the packet has the fields that were given', (t) => {
  t.is(packetOfFields('in_port=r1,arp', topology).inPort, topology.portByName.get('r1')!.number);
  t.like(fieldsOf('tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80,tcp_flags=0x12,nw_ttl=3,dl_vlan=7,dl_vlan_pcp=5'), {
    vlan_vid: 0x1007n,
    vlan_pcp: 5n,
    ipv4_src: 0x0a000001n,
    tcp_dst: 80n,
    tcp_flags: 0x12n,
    ip_ttl: 3n,
  });
  t.like(fieldsOf('arp,arp_op=2,arp_spa=10.0.0.1,arp_tha=02:00:00:00:00:07'), {
    arp_op: 2n,
    arp_spa: 0x0a000001n,
    arp_tha: 0x020000000007n,
  });
  t.like(fieldsOf('icmp6,icmpv6_type=135,nd_target=fe80::1,nd_sll=02:00:00:00:00:09'), {
    ipv6_nd_target: 0xfe80_0000_0000_0000_0000_0000_0000_0001n,
    ipv6_nd_sll: 0x020000000009n,
    ip_ttl: 64n,
  });
});

/** The sum over everything that a right checksum makes 0. */
function residue(bytes: Uint8Array): number {
  const { at, proto, end } = parsePacket(bytes);
  const segment = bytes.slice(at.transport, end);
  if (proto === 132) return sctpChecksum(segment) ^ Number(readUint(segment, 8, 4));
  const addresses = at.ipv4 === undefined ? bytes.slice(at.ipv6! + 8, at.ipv6! + 40) : bytes.slice(at.ipv4 + 12, at.ipv4 + 20);
  return proto === 1
    ? checksumOf(segment)
    : checksumOf(addresses, new Uint8Array([0, proto!, segment.length >> 8, segment.length]), segment);
}

test('its checksums are right', (t) => {
  const port = fc.nat(65535);
  const protocol = fc.constantFrom('tcp', 'udp', 'sctp', 'tcp6', 'udp6', 'sctp6');
  fc.assert(
    fc.property(protocol, port, port, fc.nat(0xffff), (name, src, dst, host) => {
      const address = name.endsWith('6') ? `ipv6_src=fd00::${host.toString(16)}` : `nw_src=10.0.${host >> 8}.${host & 255}`;
      const bytes = compose(`${name},${address},tp_src=${src},tp_dst=${dst}`);
      const { at } = parsePacket(bytes);
      return residue(bytes) === 0 && (at.ipv4 === undefined || checksumOf(bytes.slice(at.ipv4, at.ipv4 + 20)) === 0);
    }),
  );
  t.is(residue(compose('icmp,icmp_type=8')), 0);
  t.is(residue(compose('icmp6,icmpv6_type=128')), 0);
  t.is(read16(compose('udp'), 34 + 4), 8);
});
