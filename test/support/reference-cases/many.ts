import fc from 'fast-check';
import { prefixMask } from '../../../src/model/address.js';
import type { FlowText } from '../../../src/model/flow.js';
import type { MatchText } from '../../../src/model/match.js';
import { write } from './matches.js';
import { livePorts } from './pools.js';

/**
 * Flows by the hundred, each made from its number: what tables of many rules are compiled to, and how they change, depends on how many
 * there are, and of what kind.
 */
export const families = ['bits', 'routes', 'exact', 'ranges'] as const;
export type Family = (typeof families)[number];

/** Of each family. */
export const manyCount = 384;

/** Some flows of a family: round again behind the last. */
export interface Some {
  readonly family: Family;
  readonly from: number;
  readonly count: number;
  readonly stride: number;
}

/** By which they are found again; those of a case's own list are lower. */
export const cookieOf = (family: Family, i: number): number => 1000 * (1 + families.indexOf(family)) + i;

export const numbersOf = ({ from, count, stride }: Some): number[] => [
  ...new Set(Array.from({ length: count }, (_, k) => (from + k * stride) % manyCount)),
];

export function manyFlow(family: Family, i: number): FlowText {
  const [priority, match] = makers[family](i);
  const port = livePorts[i % livePorts.length]!;
  return { table: 0, priority, match, cookie: cookieOf(family, i), actions: [{ type: 'output', port }] };
}

type Maker = (i: number) => readonly [priority: number, match: MatchText];

const lengths = [14, 16, 20, 24, 28, 32] as const;

const makers: Readonly<Record<Family, Maker>> = {
  /** A bit each, so that no two share a mask: more than a few hundred of them are too many for a table. */
  bits: (i) => {
    const field = (['metadata', 'eth_dst', 'eth_src', 'tunnel_id'] as const)[i % 4]!;
    const bit = 1n << BigInt(Math.floor(i / 8));
    return [1000 + i, { [field]: `${write(field, i % 8 < 4 ? bit : 0n)}/${write(field, bit)}` }];
  },
  /** Prefixes within each other, of which a longer one is the stronger, but for some. */
  routes: (i) => {
    const length = lengths[i % lengths.length]!;
    const k = BigInt(Math.floor(i / lengths.length));
    const address =
      (10n << 24n) | ((k % 64n) << 18n) | (((k * 3n) % 4n) << 16n) | ((k % 16n) << 12n) | ((k % 7n) << 8n) | (k * 4n) | (k % 4n);
    const prefix = write('ipv4_dst', address & prefixMask(length, 32));
    return [i % 17 === 16 ? 900 - length * 10 : length * 10, { eth_type: 0x800, ipv4_dst: `${prefix}/${length}` }];
  },
  /** Of few masks; every third matches what another does. */
  exact: (i) => {
    const twin = i % 3 === 2 ? i - 2 : i;
    if (twin % 3 === 1) return [600 + i, { eth_type: 0x800, ipv4_src: write('ipv4_src', (10n << 24n) | BigInt(i)) }];
    return [600 + i, { eth_dst: write('eth_dst', 0x0200_0000_0100n | BigInt(twin)) }];
  },
  ranges: (i) => {
    const low = (i * 171) % 65_000;
    return [2000 + i, { eth_type: 0x800, ip_proto: 17, udp_dst: `${low}-${Math.min(65_535, low + 1 + ((i * 37) % 1500))}` }];
  },
};

export const someOf = (most: number): fc.Arbitrary<Some> =>
  fc.record({
    family: fc.constantFrom(...families),
    from: fc.nat(manyCount - 1),
    count: fc.integer({ min: 1, max: most }),
    stride: fc.constantFrom(1, 1, 5, 7),
  });

/** One of them, for packets that meet it. */
export interface OneOfMany {
  readonly family: Family;
  readonly at: number;
}
export const oneOfMany: fc.Arbitrary<OneOfMany> = fc.record({
  family: fc.constantFrom(...families),
  at: fc.nat(manyCount - 1),
});
