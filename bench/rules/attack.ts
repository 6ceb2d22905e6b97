import type { FlowText } from '../../src/model/flow.js';
import { Random } from '../../test/conformance/random.js';
import { ipv4Frame, type FrameFields } from '../support/frames.js';
import { ipv4Number } from '../support/ipv4.js';
import { forward } from './actions.js';

/** The ports of the attacker's frames that are let through: apart from the victim's, which is `sink`. */
export const aside = 'aside';

const allowed = { src: ipv4Number('10.99.0.7'), srcPort: 12_345, dstPort: 80 } as const;
const victimDst = '172.16.0.0/16';
const othersDst = ipv4Number('192.168.0.1');
const udp = { eth_type: 0x0800, ip_proto: 17 } as const;

/**
 * The rules of the tuple-space-explosion papers (Csikor et al., "Tuple Space Explosion", CoNEXT 2019; "The Discrepancy of the Megaflow
 * Cache in OVS", 2020): the attacker's own allow lists by destination port, source port and source address, and deny. Beside them
 * the victim's route.
 */
export const attackRules: FlowText[] = [
  { priority: 500, match: { ...udp, ipv4_dst: victimDst }, actions: forward() },
  { priority: 400, match: { ...udp, udp_dst: allowed.dstPort }, actions: forward(undefined, aside) },
  { priority: 300, match: { ...udp, udp_src: allowed.srcPort }, actions: forward(undefined, aside) },
  { priority: 200, match: { ...udp, ipv4_src: '10.99.0.7' }, actions: forward(undefined, aside) },
  { priority: 1, actions: [{ type: 'drop' }] },
];

/** The victim's connections. */
export function victimFrames(count: number, flows = 1000): Buffer[] {
  const frames = Array.from({ length: flows }, (_, i) =>
    ipv4Frame({ src: ipv4Number('10.1.0.1'), dst: ipv4Number('172.16.0.0') + i, srcPort: 1024 + i, dstPort: 443 }),
  );
  return Array.from({ length: count }, (_, i) => frames[i % flows] ?? Buffer.alloc(0));
}

const other = (fields: Omit<FrameFields, 'dst'>): Buffer => ipv4Frame({ dst: othersDst, ...fields });

/** What a well-behaved neighbour sends: some connections, to the port that is allowed. */
export const ordinaryFrames = (count: number, flows = 1000): Buffer[] =>
  Array.from({ length: count }, (_, i) =>
    other({ src: ipv4Number('10.99.1.0') + (i % flows), srcPort: 20_000 + (i % flows), dstPort: allowed.dstPort }),
  );

/** Every header off the allowed one by a bit in each of its three fields: each makes a mask of its own in a cache of masks. */
export function bitFlips(): FrameFields[] {
  const bits = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  return bits(32).flatMap((src) =>
    bits(16).flatMap((srcPort) =>
      bits(16).map((dstPort) => ({
        src: (allowed.src ^ (1 << src)) >>> 0,
        dst: othersDst,
        srcPort: allowed.srcPort ^ (1 << srcPort),
        dstPort: allowed.dstPort ^ (1 << dstPort),
      })),
    ),
  );
}

/** Bit flips and random headers in turn. */
export function attackFrames(count: number): Buffer[] {
  const random = new Random(9);
  const flips = bitFlips();
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? ipv4Frame(flips[(i / 2) % flips.length] ?? { src: 0, dst: othersDst })
      : other({ src: random.below(2 ** 32), srcPort: random.below(65_536), dstPort: random.below(65_536) }),
  );
}

/** Frames of both in turn: the same rate of each. */
export const inTurn = (a: readonly Buffer[], b: readonly Buffer[]): Buffer[] => a.flatMap((frame, i) => [frame, b[i] ?? frame]);
