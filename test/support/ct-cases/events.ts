import fc from 'fast-check';
import type { Connections } from '../reference/conntrack.js';
import { turned, type Ends } from '../reference/tracked.js';
import { ack, close, closeByServer, fin, open, psh, rst, simultaneous, syn, talk, type Step } from '../tcp-steps.js';
import { ipPacket, type Shape } from './frames.js';

/** A packet as the case says it: whose, and which way. What NAT made of a connection is known only when it is sent. */
export interface Event {
  readonly conversation: number;
  readonly back: boolean;
  readonly flags: number;
  /** An ICMP error about what the other side sent. */
  readonly error: boolean;
  readonly payload: number;
}

export interface Conversation {
  readonly family: 4 | 6;
  readonly proto: number;
  readonly ends: Ends;
}

const flagsOf = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(syn, syn | ack, ack, psh | ack, fin | ack) },
  { weight: 2, arbitrary: fc.constantFrom(rst, rst | ack) },
  // What no host sends, or seldom.
  { weight: 1, arbitrary: fc.nat(63) },
);

const anyEvent = (conversations: number): fc.Arbitrary<Event> =>
  fc.record({
    conversation: fc.nat(conversations - 1),
    back: fc.boolean(),
    flags: flagsOf,
    error: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    payload: fc.constantFrom(0, 1, 10, 33),
  });

/** A dialogue by the book, then made worse: segments come twice, in another order, not at all, and a RST between them. */
const dialogue = (conversation: number): fc.Arbitrary<Event[]> =>
  fc
    .tuple(
      fc.constantFrom(open, simultaneous),
      fc.constantFrom(talk, []),
      fc.constantFrom(close, closeByServer, []),
      fc.constantFrom(open, talk, []),
    )
    .map((parts) => parts.flat())
    .chain((steps) =>
      fc
        .tuple(
          fc.array(fc.record({ at: fc.nat(steps.length - 1), how: fc.constantFrom('twice', 'later', 'lost', 'reset') }), {
            maxLength: 3,
          }),
          fc.boolean(),
        )
        .map(([changes, back]) => changes.reduce((list, { at, how }) => worsened(list, at, how, back), [...steps])),
    )
    .map((steps) => steps.map(([back, flags]) => ({ conversation, back, flags, error: false, payload: flags & psh ? 10 : 0 })));

function worsened(steps: readonly Step[], at: number, how: string, back: boolean): Step[] {
  const step = steps[at];
  if (!step) return [...steps];
  const [before, after] = [steps.slice(0, at), steps.slice(at + 1)];
  switch (how) {
    case 'twice':
      return [...before, step, ...after.slice(0, 2), step, ...after.slice(2)];
    case 'later':
      return [...before, ...after.slice(0, 1), step, ...after.slice(1)];
    case 'reset':
      return [...before, step, [back, rst | ack], ...after];
    default:
      return [...before, ...after];
  }
}

const addresses = { 4: [0x0a00_0001n, 0x0a00_0002n, 0x0a09_0001n], 6: [1n, 2n, 9n].map((n) => (0xfd00n << 112n) | n) } as const;

const conversation: fc.Arbitrary<Conversation> = fc
  .tuple(fc.constantFrom<4 | 6>(4, 4, 6), fc.constantFrom('tcp', 'tcp', 'udp', 'icmp', 'other'))
  .chain(([family, name]) =>
    fc
      .record({ inside: fc.nat(1), srcPort: fc.constantFrom(1000, 1001, 40_000, 500), dstPort: fc.constantFrom(80, 53) })
      .map(({ inside, srcPort, dstPort }): Conversation => {
        const proto = { tcp: 6, udp: 17, icmp: family === 4 ? 1 : 58, other: 47 }[name];
        const ports = name === 'other' ? [0, 0] : name === 'icmp' ? [srcPort, srcPort] : [srcPort, dstPort];
        return {
          family,
          proto,
          ends: { src: addresses[family][inside]!, dst: addresses[family][2], srcPort: ports[0]!, dstPort: ports[1]! },
        };
      }),
  );

export interface Talk {
  readonly conversations: readonly Conversation[];
  /** The packets of a round are known before it begins. */
  readonly rounds: readonly (readonly Event[])[];
}

/** Dialogues that come between each other, and strays. */
export const anyTalk: fc.Arbitrary<Talk> = fc.array(conversation, { minLength: 1, maxLength: 5 }).chain((conversations) =>
  fc
    .record({
      dialogues: fc.tuple(...conversations.map((_, i) => dialogue(i))),
      strays: fc.array(anyEvent(conversations.length), { maxLength: 12 }),
      rounds: fc.integer({ min: 1, max: 4 }),
      turns: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    })
    .map(({ dialogues, strays, rounds, turns }) => {
      const events = mixed([...dialogues, strays], turns);
      const size = Math.ceil(events.length / rounds);
      return { conversations, rounds: Array.from({ length: rounds }, (_, i) => events.slice(i * size, (i + 1) * size)) };
    }),
);

/** Each list keeps its order. */
function mixed(lists: readonly (readonly Event[])[], turns: readonly number[]): Event[] {
  const left = lists.map((list) => [...list]);
  const all: Event[] = [];
  for (let i = 0; left.some(({ length }) => length > 0); i++) {
    const filled = left.filter(({ length }) => length > 0);
    all.push(filled[(turns[i % turns.length] ?? 0) % filled.length]!.shift()!);
  }
  return all;
}

const queries = { 4: [8, 0], 6: [128, 129] } as const;

/** The packet of an event, as the ends would send it now. */
export function shapeOf(
  { conversation, back, flags, error, payload }: Event,
  { conversations }: Talk,
  { all }: Connections,
): Shape {
  const { family, proto, ends } = conversations[conversation]!;
  const known = all.find((one) => one.family === family && one.proto === proto && sameEnds(one.original, ends));
  const replyEnds = known?.reply ?? turned(ends);
  const isQuery = proto === 1 || proto === 58;
  const shapeIn = (back: boolean): Shape => ({
    family,
    proto,
    ends: back ? replyEnds : ends,
    flags,
    payload,
    ...(isQuery ? { icmpType: queries[family][back ? 1 : 0] } : {}),
  });
  if (!error) return shapeIn(back);
  // Who got a packet of the other direction says that it goes no further; it saw it as it was when it left the switch.
  const about = turned(back ? replyEnds : ends);
  const quoted = ipPacket({ ...shapeIn(!back), ends: about }).slice(0, (family === 4 ? 20 : 40) + 8 + payload);
  const own = { src: about.dst, dst: about.src, srcPort: 0, dstPort: 0 };
  return { family, proto: family === 4 ? 1 : 58, ends: own, icmpType: family === 4 ? 3 : 1, quoted };
}

const sameEnds = (a: Ends, b: Ends): boolean =>
  a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort;
