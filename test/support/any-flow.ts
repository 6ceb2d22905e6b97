import fc from 'fast-check';
import { settableFields, type ActionText, type SettableField } from '../../src/model/action.js';
import { formatIp, formatMac, prefixMask } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { fieldOf, fullMask, isFieldName, matchFields, type FieldName, type MatchText } from '../../src/model/match.js';

type Value = string | number;
type Ports = fc.Arbitrary<Value>;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A value of so many bits, whole or masked: no bit outside the mask, and some bit in it. */
const bitsOf = (bits: number, write: (value: bigint) => string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: fullMask(bits) }), fc.option(fc.bigInt({ min: 1n, max: fullMask(bits) })))
    .map(([value, mask]) => (mask === null ? write(value) : `${write(value & mask)}/${write(mask)}`));

const ip = (family: 4 | 6, bits: number): fc.Arbitrary<string> =>
  fc.oneof(
    bitsOf(bits, (value) => formatIp({ family, value })),
    fc
      .tuple(fc.bigInt({ min: 0n, max: fullMask(bits) }), fc.integer({ min: 1, max: bits }))
      .map(([value, length]) => `${formatIp({ family, value: value & prefixMask(length, bits) })}/${length}`),
  );

const wholeNumber = (bits: number): fc.Arbitrary<number> => fc.nat({ max: Math.min(Number(fullMask(bits)), 0x7fff_ffff) });
const number = (bits: number): fc.Arbitrary<Value> => fc.oneof(wholeNumber(bits), bitsOf(bits, hex));

/** Not all ports, which is no match. */
const range = fc
  .tuple(fc.nat(65535), fc.nat(65535))
  .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  .filter((text) => text !== '0-65535');
const fragment = fc.oneof(fc.constantFrom('no', 'yes', 'first', 'later', 'not_later'), number(2));
const flags = fc.oneof(fc.constantFrom('+syn-ack', '+syn+ack', '-fin', '0x002/0x012'), number(12));
const vlan: fc.Arbitrary<Value> = fc.oneof(fc.nat(0x1fff), fc.constant('0x1000/0x1000'), fc.constant('0x1004/0x1fff'));

const portName = fc.oneof(
  fc.constantFrom('p1', 'gw-red.1', '7', '0x1f', 'IN_PORT', 'FLOOD', 'NORMAL', 'local', 'drop', 'pop_vlan', 'ct'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/),
);
/** Any, whether it is there or not; but not the reserved ones, which are no port of a match. */
const anyPort: Ports = fc.oneof(
  portName.filter((name) => name !== 'in_port' && name !== 'flood'),
  fc.integer({ min: 1, max: 254 }),
);
const mac = bitsOf(48, formatMac);
const wholeMac = fc.bigInt({ min: 0n, max: fullMask(48) }).map((value) => formatMac(value & ~(1n << 40n)));

function valueOf(name: FieldName, port: Ports): fc.Arbitrary<Value> {
  const { bits, format, ranges } = fieldOf(name).spec;
  if (name === 'tcp_flags') return flags;
  switch (format) {
    case 'port':
      return port;
    case 'mac':
      return mac;
    case 'ipv4':
      return ip(4, bits);
    case 'ipv6':
      return ip(6, bits);
    case 'vlan':
      return vlan;
    case 'fragment':
      return fragment;
    case 'flags':
      return fc.oneof(fc.constantFrom('+trk+est-new', '-trk', '+inv', '0x21/0x23'), number(bits));
    case 'number':
      return ranges ? fc.oneof(number(bits), range) : number(bits);
  }
}

/** The kinds of packets on which fields hang. */
const kinds: readonly MatchText[] = [
  {},
  { vlan_vid: '0x1000/0x1000' },
  { eth_type: 0x806 },
  ...[0x800, 0x86dd].flatMap((eth_type) => [
    { eth_type },
    ...[6, 17, 132].map((ip_proto) => ({ eth_type, ip_proto })),
    { eth_type, ip_proto: eth_type === 0x800 ? 1 : 58 },
  ]),
  ...[135, 136].map((icmpv6_type) => ({ eth_type: 0x86dd, ip_proto: 58, icmpv6_type })),
];

/** Whether packets of a kind have a field; written from OpenFlow's table of prerequisites as the model has it. */
function has(kind: MatchText, name: FieldName): boolean {
  if (name === 'vlan_pcp') return kind.vlan_vid !== undefined;
  const { needs } = fieldOf(name).spec;
  return (
    needs.length === 0 ||
    needs.some((need) => Object.entries(need).every(([key, values]) => isFieldName(key) && values.includes(Number(kind[key]))))
  );
}

const matchOf = (kind: MatchText, port: Ports): fc.Arbitrary<MatchText> => {
  const names = matchFields.map((field) => field.name).filter((name) => has(kind, name));
  return fc
    .record(Object.fromEntries(names.map((name) => [name, valueOf(name, port)])), { requiredKeys: [] })
    .map((fields) => ({ ...fields, ...kind }));
};

/** A field set to a value, as a whole or in part. What others hang on stays as it is. */
const setField = (kind: MatchText, port: Ports, tagged: boolean): fc.Arbitrary<ActionText> => {
  const kept = ['eth_type', 'ip_proto', 'icmpv6_type', 'arp_op'];
  const isTag = (name: FieldName) => name === 'vlan_vid' || name === 'vlan_pcp';
  const fields = settableFields.filter((name) => !kept.includes(name) && (isTag(name) ? tagged : has(kind, name)));
  return fc
    .constantFrom(...fields)
    .chain((field) => valueToSet(field, port).map((value) => ({ type: 'set_field', field, value })));
};

const valueToSet = (field: SettableField, port: Ports): fc.Arbitrary<Value> => {
  if (field === 'vlan_vid') return fc.oneof(fc.integer({ min: 1, max: 0x1fff }), fc.constant('0x5/0xf'));
  const { bits, ranges } = fieldOf(field).spec;
  return ranges ? number(bits) : valueOf(field, port);
};

const encap: fc.Arbitrary<ActionText> = fc.constantFrom<4 | 6>(4, 6).chain((family) => {
  const address = fc.bigInt({ min: 0n, max: fullMask(family === 4 ? 32 : 128) }).map((value) => formatIp({ family, value }));
  return fc.record(
    {
      type: fc.constant('encap' as const),
      tunnel: fc.constantFrom('vxlan' as const, 'geneve' as const),
      vni: fc.oneof(fc.nat(0xffffff), fc.constant('tunnel_id' as const)),
      eth_src: wholeMac,
      eth_dst: wholeMac,
      src: address,
      dst: address,
      udp_dst: fc.oneof(fc.constantFrom(4789, 6081), fc.integer({ min: 1, max: 65535 })),
      ttl: fc.integer({ min: 1, max: 255 }),
      dscp: fc.oneof(fc.nat(63), fc.constant('inherit' as const)),
      checksum: fc.boolean(),
    },
    { requiredKeys: ['type', 'tunnel', 'vni', 'eth_src', 'eth_dst', 'src', 'dst'] },
  );
});

const decap: fc.Arbitrary<ActionText> = fc.record({
  type: fc.constant('decap' as const),
  tunnel: fc.constantFrom('vxlan' as const, 'geneve' as const),
  vnis: fc.array(fc.nat(0xffffff), { minLength: 1, maxLength: 16 }),
});

const conntrack: fc.Arbitrary<ActionText> = fc
  .record(
    {
      zone: fc.nat(0xffff),
      mark: number(32),
      label: bitsOf(128, hex),
      nat: fc.constantFrom({}, { src: '192.0.2.1-192.0.2.9', ports: '1024-2047', random: true }, { dst: 'fd00::/64' }),
    },
    { requiredKeys: [] },
  )
  .map((text) => ({ type: 'conntrack', commit: true, ...text }));

/** Actions that packets of a kind can have, in any order. */
const oneOf = (kind: MatchText, port: Ports): fc.Arbitrary<ActionText> =>
  fc.oneof(
    port.map((to) => ({ type: 'output', port: to }) as const),
    fc.constantFrom({ type: 'output', port: 'in_port' } as const, { type: 'output', port: 'flood' } as const),
    setField(kind, port, kind.vlan_vid !== undefined),
    fc.constantFrom(0x8100, 0x88a8, '0x8100').map((ethertype) => ({ type: 'push_vlan', ethertype }) as const),
    fc.constant({ type: 'push_vlan' } as const),
    fc.integer({ min: 0, max: 0xffff_ff00 }).map((group) => ({ type: 'group', group }) as const),
    fc
      .record({ one_in: fc.integer({ min: 1, max: 9 }), max_bytes: fc.nat(9) }, { requiredKeys: [] })
      .chain((more) => port.map((to) => ({ type: 'mirror', port: to, ...more }) as const)),
    fc.nat(255).map((ttl): ActionText => (has(kind, 'ip_ttl') ? { type: 'set_nw_ttl', ttl } : { type: 'push_vlan' })),
    fc.constant<ActionText>(has(kind, 'ip_ttl') ? { type: 'dec_ttl' } : { type: 'push_vlan' }),
  );

const metadata = fc.oneof(
  number(64).map((value) => ({ type: 'write_metadata', value }) as const),
  fc
    .tuple(fc.bigInt({ min: 0n, max: fullMask(64) }), fc.bigInt({ min: 1n, max: fullMask(64) }))
    .map(([value, mask]) => ({ type: 'write_metadata', metadata: hex(value & mask), metadata_mask: hex(mask) }) as const),
);

const none: fc.Arbitrary<ActionText[]> = fc.constant([]);
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { maxLength: 1 });

const actionsOf = (kind: MatchText, table: number, port: Ports): fc.Arbitrary<ActionText[]> => {
  const plain = oneOf(kind, port);
  const meter = fc.integer({ min: 1, max: 0xffff_0000 }).map((id) => ({ type: 'meter', meter: id }) as const);
  const tagging = fc
    .array(setField(kind, port, true), { maxLength: 2 })
    .map((set): ActionText[] => [{ type: 'push_vlan' }, ...set, { type: 'pop_vlan' }]);
  const goto = fc.integer({ min: Math.min(table + 1, 63), max: 63 }).map((to) => ({ type: 'goto_table', table: to }) as const);
  const written = fc
    .array(fc.oneof(plain, encap, decap), { minLength: 1, maxLength: 5 })
    .map((actions) => ({ type: 'write_actions', actions }) as const);
  const parts: readonly fc.Arbitrary<ActionText[]>[] = [
    some(meter),
    fc.array(plain, { maxLength: 4 }),
    fc.oneof(tagging, none),
    some(conntrack),
    some(fc.oneof(encap, decap)),
    fc
      .tuple(some(fc.constant({ type: 'clear_actions' } as const)), some(written), some(metadata), table < 63 ? some(goto) : none)
      .chain((lists) => fc.shuffledSubarray(lists.flat())),
  ];
  // What is written is done to the packet in the tunnel's own headers, which need not be of this kind.
  const list = fc.tuple(...parts).map((lists) => {
    const all = lists.flat();
    return all.some(({ type }) => type === 'encap') ? all.filter(({ type }) => type !== 'write_actions') : all;
  });
  const drop = fc.constantFrom<ActionText[]>([{ type: 'drop' }], [{ type: 'drop', reason: 'policy_refused' }]);
  return fc.oneof(
    { weight: 9, arbitrary: list.map((all): ActionText[] => (all.length === 0 ? [{ type: 'drop' }] : all)) },
    { weight: 1, arbitrary: drop },
  );
};

/** A flow with all that OpenFlow allows, and its ports of those. */
export const flowWith = (port: Ports): fc.Arbitrary<FlowText> =>
  fc.tuple(fc.constantFrom(...kinds), fc.nat(63)).chain(([kind, table]) =>
    fc.record(
      {
        table: fc.constant(table),
        priority: fc.nat(65535),
        cookie: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: fullMask(64) }).map(hex)),
        idle_timeout: fc.nat(65535),
        hard_timeout: fc.nat(65535),
        match: matchOf(kind, port),
        actions: actionsOf(kind, table, port),
      },
      { requiredKeys: Object.keys(kind).length === 0 ? ['table', 'actions'] : ['table', 'actions', 'match'] },
    ),
  );

/** A flow whose ports need not exist. */
export const anyFlow: fc.Arbitrary<FlowText> = flowWith(anyPort);
