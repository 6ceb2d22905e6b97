import fc from 'fast-check';
import { formatIp, formatMac, prefixMask } from '../../../src/model/address.js';
import { fieldOf, fullMask, isFieldName, matchFields, type FieldName, type MatchText } from '../../../src/model/match.js';
import { livePorts, pool } from './pools.js';

/** The kinds of packets on which fields hang, as the exact part of a match. */
export type Kind = MatchText;

const ipKinds = [0x800, 0x86dd].flatMap((eth_type): Kind[] => [
  { eth_type },
  ...[17, 6, 132, eth_type === 0x800 ? 1 : 58].map((ip_proto) => ({ eth_type, ip_proto })),
]);
export const kinds: readonly Kind[] = [
  {},
  { vlan_vid: '0x1000/0x1000' },
  { eth_type: 0x806 },
  { eth_type: 0x806, arp_op: 1 },
  ...ipKinds,
  ...[135, 136].map((icmpv6_type) => ({ eth_type: 0x86dd, ip_proto: 58, icmpv6_type })),
];

/** Whether packets of a kind have a field. */
export function has(kind: Kind, name: FieldName): boolean {
  if (name === 'vlan_pcp') return kind.vlan_vid !== undefined;
  const { needs } = fieldOf(name).spec;
  return (
    needs.length === 0 ||
    needs.some((need) => Object.entries(need).every(([key, values]) => isFieldName(key) && values.includes(Number(kind[key]))))
  );
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A value of a field as people write it. */
export function write(name: FieldName, value: bigint): string {
  switch (fieldOf(name).spec.format) {
    case 'mac':
      return formatMac(value);
    case 'ipv4':
      return formatIp({ family: 4, value });
    case 'ipv6':
      return formatIp({ family: 6, value });
    default:
      return hex(value);
  }
}

const masked = (name: FieldName, value: bigint, mask: bigint): string =>
  mask === fullMask(fieldOf(name).spec.bits) ? write(name, value) : `${write(name, value & mask)}/${write(name, mask)}`;

type Pooled = Exclude<FieldName, 'in_port'>;
export const pooled = (name: Pooled): fc.Arbitrary<bigint> => fc.constantFrom(...pool[name]);

/** A prefix, the low bits, or any bits. */
const maskOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.integer({ min: 1, max: bits }).map((length) => prefixMask(length, bits)),
    fc.integer({ min: 1, max: bits }).map(fullMask),
    fc.bigInt({ min: 1n, max: fullMask(bits) }),
  );

/** A value or some bits of one, mostly of the pool. */
export const valueOf = (name: Pooled): fc.Arbitrary<string> => {
  const { bits } = fieldOf(name).spec;
  const value = fc.oneof(
    { weight: 9, arbitrary: pooled(name) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: fullMask(bits) }) },
  );
  const mask = fc.oneof({ weight: 2, arbitrary: fc.constant(fullMask(bits)) }, { weight: 1, arbitrary: maskOf(bits) });
  return fc.tuple(value, mask).map(([of, bitsAsked]) => masked(name, of, bitsAsked));
};

/** Around values of the pool, so that its ends matter. */
const rangeOf = (name: Pooled): fc.Arbitrary<string> =>
  fc.tuple(pooled(name), fc.nat(64), fc.nat(40_000)).map(([at, below, above]) => {
    const low = Math.max(0, Number(at) - below);
    return `${low}-${Math.min(low === 0 ? 65534 : 65535, Number(at) + above)}`;
  });

/** One that is set, or is not. */
const bit = (bits: number): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(bits - 1), fc.boolean()).map(([at, set]) => `${set ? 2 ** at : 0}/${2 ** at}`);

function matchValue(name: FieldName): fc.Arbitrary<string> {
  if (name === 'in_port') return fc.constantFrom(...livePorts);
  if (name === 'vlan_vid') return fc.oneof(valueOf(name), fc.constantFrom('0', '0x1000/0x1000'));
  if (name === 'ipv6_exthdr') return fc.oneof({ weight: 1, arbitrary: valueOf(name) }, { weight: 3, arbitrary: bit(9) });
  return fieldOf(name).spec.ranges ? fc.oneof(valueOf(name), rangeOf(name)) : valueOf(name);
}

/** Of a packet in the pipeline: 0 in the first table. */
const carried: readonly FieldName[] = ['metadata', 'tunnel_id', 'ct_state', 'ct_zone', 'ct_mark'];

/** A match of few fields, so that packets meet it. */
export const matchOf = (kind: Kind, table: number): fc.Arbitrary<MatchText> => {
  const names = matchFields
    .map(({ name }) => name)
    .filter((name) => has(kind, name) && kind[name] === undefined && (table > 0 || !carried.includes(name)));
  // What only some kinds have comes up as often as what all have.
  const special = names.filter((name) => !has({}, name));
  const oneOf = (of: readonly FieldName[]): fc.Arbitrary<readonly [FieldName, string]> =>
    fc.oneof(...of.map((name) => matchValue(name).map((value) => [name, value] as const)));
  const one = special.length === 0 ? oneOf(names) : fc.oneof(oneOf(names), oneOf(special));
  return fc.array(one, { maxLength: 3 }).map((fields) => ({ ...kind, ...Object.fromEntries(fields) }));
};
