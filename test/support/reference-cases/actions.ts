import fc from 'fast-check';
import { settableFields, type ActionText, type SettableField } from '../../../src/model/action.js';
import { has, pooled, valueOf, write, type Kind } from './matches.js';
import { allPorts, groupIds, vnis } from './pools.js';

/** What other fields hang on: after one of these is set, the rest of a list may not be what packets have. */
export const structural: readonly SettableField[] = ['eth_type', 'ip_proto', 'icmpv6_type', 'icmpv6_code', 'arp_op'];

const set = (field: SettableField): fc.Arbitrary<ActionText> =>
  fc
    .oneof(
      { weight: 3, arbitrary: pooled(field).map((value) => write(field, value)) },
      // Without the bit of vlan_vid that says that there is a tag.
      { weight: 1, arbitrary: field === 'vlan_vid' ? fc.constantFrom('0x5/0xf', '0x1001/0x1001') : valueOf(field) },
    )
    .map((value) => ({ type: 'set_field', field, value }));

/** Of any of these fields, each as often. */
export const setAny = (fields: readonly SettableField[]): fc.Arbitrary<ActionText> => fc.oneof(...fields.map(set));

export const mac = pooled('eth_src').map((value) => write('eth_src', value));
const port = fc.constantFrom(...allPorts);

export const output: fc.Arbitrary<ActionText> = fc.oneof(
  { weight: 6, arbitrary: port.map((to): ActionText => ({ type: 'output', port: to })) },
  { weight: 2, arbitrary: fc.constantFrom<ActionText>({ type: 'output', port: 'in_port' }, { type: 'output', port: 'flood' }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ type: fc.constant('mirror' as const), port, max_bytes: fc.nat(80) }, { requiredKeys: ['type', 'port'] })
      .map((mirror): ActionText => mirror),
  },
);
export const toGroup: fc.Arbitrary<ActionText> = fc.constantFrom(...groupIds).map((group) => ({ type: 'group', group }));

export const push = fc.constantFrom(0x8100, 0x88a8).map((ethertype): ActionText => ({ type: 'push_vlan', ethertype }));
export const pop: ActionText = { type: 'pop_vlan' };

const encapOf = (family: 4 | 6): fc.Arbitrary<ActionText> => {
  const [src, dst] = [`ipv${family}_src`, `ipv${family}_dst`] as const;
  return fc.record(
    {
      type: fc.constant('encap' as const),
      tunnel: fc.constantFrom('vxlan' as const, 'geneve' as const),
      vni: fc.oneof(fc.constantFrom(...vnis), fc.constant('tunnel_id' as const)),
      eth_src: mac,
      eth_dst: mac,
      src: pooled(src).map((value) => write(src, value)),
      dst: pooled(dst).map((value) => write(dst, value)),
      udp_dst: fc.constantFrom(4789, 6081),
      ttl: fc.constantFrom(1, 64, 255),
      dscp: fc.oneof(fc.constantFrom(0, 46), fc.constant('inherit' as const)),
      checksum: fc.boolean(),
    },
    { requiredKeys: ['type', 'tunnel', 'vni', 'eth_src', 'eth_dst', 'src', 'dst'] },
  );
};
export const encap = fc.oneof({ weight: 2, arbitrary: encapOf(4) }, { weight: 1, arbitrary: encapOf(6) });

export const decap: fc.Arbitrary<ActionText> = fc.record({
  type: fc.constant('decap' as const),
  tunnel: fc.constantFrom('vxlan' as const, 'geneve' as const),
  vnis: fc.uniqueArray(fc.constantFrom(...vnis), { minLength: 1, maxLength: 3 }),
});

/** A packet that is tried finds no connection, and makes none. */
export const track: fc.Arbitrary<ActionText> = fc
  .record({ zone: fc.constantFrom(0, 1, 2), nat: fc.constant({}), commit: fc.boolean() }, { requiredKeys: [] })
  .map((more): ActionText => ({ type: 'conntrack', ...more, ...(more.commit === true ? { mark: '0x1/0xff' } : {}) }));

/** Changes of packets of a kind that leave it of that kind. */
export function changes(kind: Kind): fc.Arbitrary<ActionText> {
  const isTag = (name: SettableField): boolean => name.startsWith('vlan_');
  const fields = settableFields.filter(
    (name) => !structural.includes(name) && has(kind, name) && (!isTag(name) || kind.vlan_vid !== undefined),
  );
  // What only some kinds have comes up as often as what all have.
  const special = fields.filter((name) => !has({}, name));
  const setting = special.length === 0 ? setAny(fields) : fc.oneof(setAny(fields), setAny(special));
  const forIp: readonly ActionText[] = has(kind, 'ip_ttl') ? [{ type: 'dec_ttl' }, { type: 'set_nw_ttl', ttl: 9 }] : [];
  return fc.oneof(
    { weight: 6, arbitrary: setting },
    { weight: 2, arbitrary: forIp.length === 0 ? push : fc.constantFrom(...forIp) },
    { weight: 1, arbitrary: kind.vlan_vid === undefined ? push : fc.oneof(push, fc.constant(pop)) },
  );
}

/** Whatever may be asked of a packet of which nothing is known: the one in a tunnel, or one that comes to a group. */
export const openChange: fc.Arbitrary<ActionText> = fc.oneof(
  { weight: 5, arbitrary: setAny(settableFields) },
  { weight: 3, arbitrary: fc.constantFrom<ActionText>({ type: 'dec_ttl' }, pop) },
  { weight: 1, arbitrary: push },
  { weight: 1, arbitrary: decap },
  { weight: 1, arbitrary: encap },
);
