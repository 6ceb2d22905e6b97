import type { FlowText } from '../../src/model/flow.js';
import { Random } from '../../test/conformance/random.js';
import type { Work } from '../forwarding.js';
import { ipv4Frame, type FrameFields } from '../support/frames.js';
import { ipv4Mask, prefixText, type Ipv4Prefix } from '../support/ipv4.js';
import { forward } from './actions.js';
import { addressIn } from './routes.js';

/** What a rule looks at: how much of each address, and which ports. */
export interface Shape {
  readonly srcLength: number;
  readonly dstLength: number;
  readonly srcPort: boolean;
  readonly dstPort: boolean;
}

/** A rule of UDP in a shape. */
export interface AclRule {
  readonly src: Ipv4Prefix;
  readonly dst: Ipv4Prefix;
  readonly srcPort: number | undefined;
  readonly dstPort: number | undefined;
}

/** 30 mask shapes over prefixes of both addresses and over ports. */
export const thirtyShapes: readonly Shape[] = [16, 18, 20, 22, 24].flatMap((srcLength) =>
  [
    { dstLength: 16, srcPort: false, dstPort: true },
    { dstLength: 20, srcPort: false, dstPort: true },
    { dstLength: 24, srcPort: false, dstPort: true },
    { dstLength: 28, srcPort: true, dstPort: true },
    { dstLength: 32, srcPort: true, dstPort: false },
    { dstLength: 32, srcPort: false, dstPort: true },
  ].map((rest) => ({ srcLength, ...rest })),
);

/** 256 shapes of 256 masks: prefixes of 9 to 24 bits of both addresses. */
export const prefixPairs: readonly Shape[] = Array.from({ length: 256 }, (_, i) => ({
  srcLength: 9 + (i >> 4),
  dstLength: 9 + (i & 15),
  srcPort: false,
  dstPort: false,
}));

/** As a cloud's tenants have them: sites of 10.0.0.0/8, each with a few networks. What rules have in common is then of any length. */
export function siteAddress(random: Random): number {
  const site = random.below(16);
  return (10 << 24) + (site << 20) + (random.below(4) << 16) + (random.below(16) << 8) + random.below(256);
}

/** Anywhere. */
export const anyAddress = (random: Random): number => random.below(2 ** 32);

/** Different rules, shape after shape, at random addresses. */
export function aclRules(count: number, shapes: readonly Shape[], addressOf = siteAddress): AclRule[] {
  const random = new Random(6);
  const prefix = (length: number): Ipv4Prefix => ({ address: (addressOf(random) & ipv4Mask(length)) >>> 0, length });
  const rules = new Map<string, AclRule>();
  for (let i = 0; rules.size < count; i += 1) {
    const shape = shapes[i % shapes.length];
    if (!shape) break;
    const rule = {
      src: prefix(shape.srcLength),
      dst: prefix(shape.dstLength),
      srcPort: shape.srcPort ? random.below(65_536) : undefined,
      dstPort: shape.dstPort ? random.below(65_536) : undefined,
    };
    rules.set(JSON.stringify(rule), rule);
  }
  return [...rules.values()];
}

/** Each of its own priority: the first wins. */
export const aclFlow = ({ src, dst, srcPort, dstPort }: AclRule, index: number): FlowText => ({
  priority: 60_000 - index,
  match: {
    eth_type: 0x0800,
    ip_proto: 17,
    ipv4_src: prefixText(src),
    ipv4_dst: prefixText(dst),
    ...(srcPort === undefined ? {} : { udp_src: srcPort }),
    ...(dstPort === undefined ? {} : { udp_dst: dstPort }),
  },
  actions: forward(),
});

/** A packet that the rule matches, random in what the rule leaves open. */
export const packetOf = ({ src, dst, srcPort, dstPort }: AclRule, random: Random): FrameFields => ({
  src: addressIn(src, random),
  dst: addressIn(dst, random),
  srcPort: srcPort ?? random.below(65_536),
  dstPort: dstPort ?? random.below(65_536),
});

/** So many rules, and a frame a flow, each of a rule chosen at random. */
export function aclWork(count: number, shapes: readonly Shape[], flows: number, addressOf = siteAddress): Work {
  const rules = aclRules(count, shapes, addressOf);
  const random = new Random(7);
  const frames = Array.from({ length: flows }, () => ipv4Frame(packetOf(random.pick(rules), random)));
  return { rules: { flows: rules.map(aclFlow) }, sources: { source: frames } };
}
