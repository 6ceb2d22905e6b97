import fc from 'fast-check';
import { strangeVni, vnis } from './pools.js';
import {
  fragmentKinds,
  type ExtensionShape,
  type Frame,
  type IpShape,
  type PacketSpec,
  type Shape,
  type TransportShape,
  type TunnelShape,
} from './shapes.js';

/** Left out but in one of so many. */
const rarely = <T>(oneIn: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ withCrossShrink: true }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const lengthError = fc.oneof(fc.integer({ min: -24, max: 24 }), fc.integer({ min: -2000, max: 2000 }));
const yes = fc.constant(true);

const extension: fc.Arbitrary<ExtensionShape> = fc.record({
  kind: fc.constantFrom<ExtensionShape['kind']>(
    'destination',
    'destination',
    'hop_by_hop',
    'routing',
    'authentication',
    ...fragmentKinds.slice(1),
  ),
  more: fc.oneof({ weight: 19, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(80) }),
  segmentsLeft: fc.nat(1),
});
const ip: fc.Arbitrary<IpShape> = fc.record({
  version: rarely(20, fc.constantFrom(4, 6, 0)),
  lengthError: rarely(8, lengthError),
  noLength: rarely(20, yes),
  wrongChecksum: rarely(8, yes),
  options: rarely(4, fc.integer({ min: 1, max: 10 })),
  headerWords: rarely(12, fc.nat(15)),
  fragment: rarely(5, fc.constantFrom(...fragmentKinds.slice(1))),
  extensions: rarely(
    2,
    fc.oneof(
      { weight: 9, arbitrary: fc.array(extension, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(extension, { minLength: 7, maxLength: 10 }) },
    ),
  ),
});
const option = fc.record({ type: fc.constantFrom(1, 1, 2, 2, 5), words: fc.constantFrom(1, 1, 1, 2, 0) });
const transport: fc.Arbitrary<TransportShape> = fc.record({
  checksum: rarely(2, fc.constantFrom('none' as const, 'wrong' as const, 'zero_soon' as const)),
  dataOffset: rarely(6, fc.constantFrom(6, 15, 4, 0)),
  lengthError: rarely(6, lengthError),
  options: rarely(
    2,
    fc.oneof(
      { weight: 9, arbitrary: fc.array(option, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(option, { minLength: 15, maxLength: 18 }) },
    ),
  ),
});
const tag = fc.record({
  type: fc.constantFrom(0x8100, 0x88a8),
  tci: fc.oneof(fc.constantFrom(5, 6, 0, 0x6005, 0xe006, 0x1005), fc.nat(0xffff)),
});
const tags = fc.oneof(
  { weight: 5, arbitrary: fc.array(tag, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.array(tag, { minLength: 3, maxLength: 4 }) },
);
const dice = fc.array(fc.nat(7), { minLength: 12, maxLength: 12 });

const shapeWith = (tunnel: fc.Arbitrary<TunnelShape | undefined>, oddIn: number): fc.Arbitrary<Shape> =>
  fc.record({
    tags: rarely(3, tags),
    arp: rarely(oddIn * 2, fc.constantFrom('token_ring' as const, 'ipv6' as const)),
    ip: rarely(2, ip),
    transport: rarely(2, transport),
    tunnel,
    payload: fc.oneof({ weight: 29, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(1500) }),
    cut: rarely(oddIn, fc.nat(160)),
    padding: rarely(5, fc.nat(40)),
  });

const innerFrame: fc.Arbitrary<Frame> = fc.record({ dice, shape: shapeWith(fc.constant(undefined), 10) });
const tunnel: fc.Arbitrary<TunnelShape> = fc.record({
  kind: fc.constantFrom('vxlan' as const, 'geneve' as const),
  vni: fc.constantFrom(...vnis, strangeVni),
  flipped: rarely(
    5,
    fc.oneof(
      fc.nat(31).map((bit) => 2 ** bit),
      fc.nat(0xffffffff),
    ),
  ),
  options: rarely(3, fc.integer({ min: 1, max: 63 })),
  inner: innerFrame,
});

export const packetSpec: fc.Arbitrary<PacketSpec> = fc.record({
  inPort: fc.integer({ min: 1, max: 4 }),
  aims: fc.oneof(
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
    { weight: 5, arbitrary: fc.array(fc.nat(15), { minLength: 1, maxLength: 2 }) },
  ),
  frame: fc.record({ dice, shape: shapeWith(rarely(2, tunnel), 8) }),
});
