import fc from 'fast-check';
import test from 'ava';
import type { FieldName } from '../../../src/model/match.js';
import { dissect } from '../../../src/replay/dissect.js';
import { packetOfFields } from '../../../src/replay/traced-packet.js';
import { parsePacket } from '../../support/reference/parse.js';
import { labTopology } from '../../support/topology.js';

const topology = labTopology();
const compose = (fields: string): Uint8Array => new Uint8Array(packetOfFields(`in_port=r1,${fields}`, topology).bytes);
const fieldsOf = (bytes: Uint8Array): Partial<Record<FieldName, bigint>> => Object.fromEntries(dissect(bytes));

const packets = [
  'tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=1,tp_dst=80,tcp_flags=0x12,nw_ttl=3,dl_vlan=7,dl_vlan_pcp=5,nw_tos=184,nw_ecn=1',
  'udp,nw_src=10.0.0.1,tp_dst=53',
  'sctp6,ipv6_src=fd00::1,ipv6_dst=fd00::2,tp_dst=9,ipv6_label=0x12345',
  'icmp,icmp_type=8,icmp_code=1',
  'icmp6,icmpv6_type=135,nd_target=fe80::1,nd_sll=02:00:00:00:00:09',
  'icmp6,icmpv6_type=136,nd_target=fe80::1,nd_tll=02:00:00:00:00:09',
  'arp,arp_op=2,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_sha=02:00:00:00:00:05,arp_tha=02:00:00:00:00:07',
  'dl_type=0x88cc',
];

test('a packet has the fields that it was made from', (t) => {
  t.deepEqual(fieldsOf(compose(packets[0]!)), {
    eth_dst: 0n,
    eth_src: 0n,
    eth_type: 0x0800n,
    vlan_vid: 0x1007n,
    vlan_pcp: 5n,
    ip_dscp: 46n,
    ip_ecn: 1n,
    ip_proto: 6n,
    ip_ttl: 3n,
    ip_frag: 0n,
    ipv4_src: 0x0a000001n,
    ipv4_dst: 0x0a000002n,
    tcp_src: 1n,
    tcp_dst: 80n,
    tcp_flags: 0x12n,
  });
  t.like(fieldsOf(compose(packets[4]!)), { ipv6_nd_target: (0xfe80n << 112n) | 1n, ipv6_nd_sll: 0x020000000009n });
  t.like(fieldsOf(compose(packets[6]!)), { arp_op: 2n, arp_spa: 0x0a000001n, arp_tha: 0x020000000007n });
  t.deepEqual([...dissect(new Uint8Array(13))], []);
});

/** By protocol: UDP, and a neighbour solicitation with a link-layer address. */
const payloads = new Map([
  [17, '1234567800080000'],
  [58, '8700000000000000' + 'fe80000000000000' + '0000000000000001' + '0101020000000009'],
]);

/** Extension headers in front of these, the last one a fragment header where there is one. */
const chained = fc
  .tuple(
    fc.array(fc.constantFrom(0, 43, 51, 60), { maxLength: 9 }),
    fc.option(fc.constantFrom(0, 1, 8, 0xfff9)),
    fc.constantFrom(...payloads.keys()),
  )
  .map(([headers, fragment, proto]) => {
    const types = [...headers, ...(fragment === null ? [] : [44]), proto];
    const chain = types.slice(1).map((next, i) => {
      const header = new Uint8Array(types[i] === 51 ? 12 : 8).fill(0);
      header.set([next, types[i] === 51 ? 1 : 0]);
      if (types[i] === 44 && fragment !== null) header.set([fragment >> 8, fragment & 0xff], 2);
      return header;
    });
    const ip = new Uint8Array(40);
    const payload = Buffer.concat([...chain, Buffer.from(payloads.get(proto)!, 'hex')]);
    ip.set([0x60, 0, 0, 0, payload.length >> 8, payload.length & 0xff, types[0]!]);
    return new Uint8Array(Buffer.concat([new Uint8Array(12), Buffer.from('86dd', 'hex'), ip, payload]));
  });

const damaged = fc
  .tuple(
    fc.oneof(fc.constantFrom(...packets.map(compose)), chained),
    fc.array(fc.tuple(fc.oneof(fc.nat(100), fc.integer({ min: 12, max: 24 })), fc.oneof(fc.nat(255), fc.nat(40))), {
      maxLength: 3,
    }),
    fc.nat(250),
  )
  .map(([bytes, changes, length]) => {
    const copy = bytes.slice(0, Math.max(14, length));
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });

test('whatever the packet, it has the fields that the reference finds', (t) => {
  let tagged = 0;
  fc.assert(
    fc.property(damaged, (bytes) => {
      const expected = new Map(parsePacket(bytes).fields);
      expected.delete('ipv6_exthdr');
      if (expected.get('vlan_vid') === 0n) expected.delete('vlan_pcp');
      else tagged++;
      const sorted = (fields: ReadonlyMap<FieldName, bigint>) => [...fields].sort(([a], [b]) => a.localeCompare(b));
      t.deepEqual(sorted(dissect(bytes)), sorted(expected), Buffer.from(bytes).toString('hex'));
    }),
    { numRuns: 5000 },
  );
  t.true(tagged > 100);
});
