import { frameOf, ipPacket, type Shape } from '../support/ct-cases/frames.js';
import type { PortFrame } from '../support/ct-cases/arena.js';
import { turned, type Ends } from '../support/reference/tracked.js';
import { anyPolicy, translate, type CtPolicy } from './ct-policies.js';
import { Random } from './random.js';
import { tcpDialogue, windowDialogue, withoutReopening, type Message } from './tcp-dialogues.js';

/** A conversation of a case: who opens it, and what both ends of it are called on either side of the switch. */
interface Conversation {
  readonly family: 4 | 6;
  readonly proto: 'tcp' | 'udp' | 'icmp';
  readonly inside: boolean;
  readonly ends: Ends;
  readonly sent: Ends;
}

export interface CtCase {
  readonly policy: CtPolicy;
  /** Each with a number of its own as its source address. */
  readonly packets: readonly (PortFrame & { readonly conversation: number; readonly what: string })[];
}

const hosts = {
  4: { inside: [0x0a00_0001n, 0x0a00_0002n], outside: [0xc633_6401n, 0xc633_6402n], router: 0xcb00_7101n, public: 0xc000_0201n },
  6: {
    inside: [1n, 2n].map((n) => (0xfd00n << 112n) | n),
    outside: [1n, 2n].map((n) => (0xfd09n << 112n) | n),
    router: (0xfd0an << 112n) | 1n,
    public: (0xfd01n << 112n) | 1n,
  },
} as const;

const protocols = { 4: { tcp: 6, udp: 17, icmp: 1 }, 6: { tcp: 6, udp: 17, icmp: 58 } } as const;
const echo = { 4: [8, 0], 6: [128, 129] } as const;
const errors = { 4: [[3, 1], [3, 4], [3, 13], [11, 0], [12, 0]], 6: [[1, 0], [1, 4], [2, 0], [3, 0], [4, 0]] } as const; // prettier-ignore

/** `any` dialogues; those in the `windows` of TCP or far off, where all may open connections; or where some are `denied`. */
export type CtKind = 'any' | 'windows' | 'denied';

/** The packets of a seed: some conversations under one policy, in any order between each other. */
export function ctCase(seed: number, kind: CtKind): CtCase {
  const random = new Random(seed);
  const any = anyPolicy(random);
  const policy = kind === 'windows' ? { ...any, opens: 'both' as const } : any;
  const windows = kind !== 'any';
  const streams = Array.from({ length: 3 + random.below(4) }, (_, i) => {
    const conversation = anyConversation(random, policy, i);
    return withErrors(random, conversation, messagesOf(random, conversation, policy, windows));
  });
  const packets: CtCase['packets'][number][] = [];
  while (streams.some(({ length }) => length > 0)) {
    const conversation = random.pick([...streams.keys()].filter((i) => streams[i]!.length > 0));
    const { port, shape, what } = streams[conversation]!.shift()!;
    packets.push({ port, frame: frameOf(packets.length + 1, shape), conversation, what });
  }
  return { policy, packets };
}

function anyConversation(random: Random, policy: CtPolicy, i: number): Conversation {
  const family = random.pick([4, 4, 6] as const);
  const proto = random.pick(['tcp', 'tcp', 'tcp', 'udp', 'icmp'] as const);
  const opener = policy.nat === 'dst' ? 'outside' : 'inside';
  const inside = (random.below(4) > 0 ? opener : random.pick(['inside', 'outside'])) === 'inside';
  const { inside: own, outside: others, public: address } = hosts[family];
  const [src, far] = inside ? [random.pick(own), random.pick(others)] : [random.pick(others), random.pick(own)];
  const dst = !inside && policy.nat === 'dst' ? address : far;
  // No two conversations have the same peer and port: those of one translation are told apart by it.
  const ports = proto === 'icmp' ? [700 + i, 700 + i] : [1000 + i, 80 + i];
  const ends = { src, dst, srcPort: ports[0]!, dstPort: ports[1]! };
  return { family, proto, inside, ends, sent: translate(policy, inside, family, proto === 'icmp', ends) };
}

function messagesOf(random: Random, { proto, inside }: Conversation, { nat, opens }: CtPolicy, windows: boolean): Message[] {
  if (proto === 'tcp') {
    // Who takes it up in mid-stream, because its opening was dropped, knows no window: each grants another.
    const isDenied = opens !== 'both' && inside !== (opens === 'inside');
    const dialogue = windows ? windowDialogue(random, !isDenied) : tcpDialogue(random);
    return nat === undefined ? dialogue : withoutReopening(dialogue);
  }
  const first: Message = { back: random.below(8) === 0, payload: random.below(40) };
  return [first, ...Array.from({ length: random.below(6) }, () => ({ back: random.below(2) === 0, payload: random.below(40) }))];
}

interface Sent {
  readonly port: number;
  readonly shape: Shape;
  readonly what: string;
}

function withErrors(random: Random, conversation: Conversation, messages: readonly Message[]): Sent[] {
  const sent: Sent[] = [];
  for (const message of messages) {
    sent.push(sentOf(conversation, message));
    if (random.below(7) === 0) sent.push(errorAbout(random, conversation, random.pick(messages)));
  }
  return sent;
}

const portOf = (inside: boolean): number => (inside ? 1 : 2);
const tellMessage = ({ back, flags, seq, ack, payload }: Message): string =>
  `${back ? 'back' : 'forth'}${flags === undefined ? '' : ` flags ${flags} seq ${seq} ack ${ack}`} payload ${payload}`;

function sentOf({ family, proto, inside, ends, sent }: Conversation, message: Message): Sent {
  const { back } = message;
  return {
    port: portOf(inside !== back),
    shape: shapeOf(family, proto, message, back ? turned(sent) : ends),
    what: `${proto} ${tellMessage(message)}`,
  };
}

const shapeOf = (family: 4 | 6, proto: Conversation['proto'], message: Message, ends: Ends): Shape => ({
  ...message,
  family,
  proto: protocols[family][proto],
  ends,
  ...(proto === 'icmp' && { icmpType: echo[family][message.back ? 1 : 0] }),
});

/** Of who received a message, or of a router behind the switch; some about what was never sent, too short, or to who did not send it. */
function errorAbout(random: Random, { family, proto, inside, ends, sent }: Conversation, message: Message): Sent {
  const { back } = message;
  const asReceived = back ? turned(ends) : sent;
  const how = random.pick(['right', 'right', 'right', 'right', 'other port', 'short', 'misdirected']);
  const shift = how === 'other port' ? 7 : 0;
  const about = {
    ...asReceived,
    srcPort: asReceived.srcPort + shift,
    dstPort: asReceived.dstPort + (proto === 'icmp' ? shift : 0),
  };
  const whole = ipPacket(shapeOf(family, proto, message, about));
  const header = family === 4 ? 20 : 40;
  const quotedBytes = how === 'short' ? random.below(8) : random.pick([20, 20, 28, whole.length]);
  const [icmpType, icmpCode] = random.pick<readonly [number, number]>(errors[family]);
  // Outside there are routers between.
  const byRouter = inside !== back && random.below(2) === 0;
  const hostsBehind = inside === back ? hosts[family].outside : hosts[family].inside;
  const dst = how === 'misdirected' ? hostsBehind.find((address) => address !== about.src)! : about.src;
  const own = { src: byRouter ? hosts[family].router : about.dst, dst, srcPort: 0, dstPort: 0 };
  return {
    port: portOf(inside === back),
    shape: {
      family,
      proto: protocols[family].icmp,
      ends: own,
      icmpType,
      icmpCode,
      quoted: whole.subarray(0, header + quotedBytes),
    },
    what: `error ${icmpType}/${icmpCode}, ${how}, about ${proto} ${tellMessage(message)}`,
  };
}
