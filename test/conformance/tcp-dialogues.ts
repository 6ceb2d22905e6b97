import { ack, close, closeByServer, fin, open, psh, rst, simultaneous, syn, talk, type Step } from '../support/tcp-steps.js';
import type { Random } from './random.js';

/** What one end says to the other. Of TCP alone: flags, seq, ack, window, options. */
export interface Message {
  readonly back: boolean;
  readonly payload: number;
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly options?: Uint8Array;
}

const refused: readonly Step[] = [
  [false, syn],
  [true, rst | ack],
];
const closeByBoth: readonly Step[] = [
  [false, fin | ack],
  [true, fin | ack],
  [false, ack],
  [true, ack],
];
const abort: readonly Step[] = [[true, rst | ack]];
const abortByClient: readonly Step[] = [[false, rst]];

/** A window scale of 7 (RFC 7323), and what fills the word up. */
const scaled = new Uint8Array([1, 3, 3, 7]);

interface End {
  next: number;
  /** What it has seen of the other end; 0 in mid-stream: nothing. */
  seen: number;
}

function endAfter(random: Random, before: readonly Message[], back: boolean): End {
  const last = before.findLast((message) => message.back === back);
  const other = before.findLast((message) => message.back !== back);
  return { next: last ? after(last).seq! : Number(random.bits(32)), seen: other ? after(other).seq! : 0 };
}

/** By the book, then made worse: segments come twice, late, not at all; resets and what nobody sends come between. */
export function tcpDialogue(random: Random): Message[] {
  const scales = random.below(2) === 0;
  const lives = random.pick([1, 1, 2]);
  const messages: Message[] = [];
  for (let life = 0; life < lives; life++) {
    const steps = [
      ...random.pick([open, open, open, simultaneous, refused, []]),
      ...random.pick([talk, talk, []]),
      ...random.pick([close, closeByServer, closeByBoth, abort, abortByClient, []]),
    ];
    messages.push(...numbered(random, steps, scales));
  }
  const changes = random.pick([0, 1, 1, 2, 3]);
  for (let i = 0; i < changes; i++) worsen(random, messages);
  return messages;
}

/**
 * With what every check of windows must take and refuse: retransmissions, resets at the right place, and segments far off the window.
 * In what they make of segments that come before those they answer, that of Open vSwitch (pf's) and Linux's differ.
 */
export function windowDialogue(random: Random, withFarOff: boolean): Message[] {
  const scales = random.below(2) === 0;
  const opened = numbered(random, [...open, ...talk, ...random.pick([talk, []])], scales);
  const talked = opened.flatMap((message, i) => [
    message,
    ...(random.below(6) === 0 ? [message] : []),
    ...(withFarOff && i >= open.length && random.below(5) === 0 ? [farOff(message)] : []),
  ]);
  const [last] = talked.slice(-1) as [Message];
  if (random.below(4) === 0) return [...talked, { ...after(last), flags: random.pick([rst, rst | ack]) }];
  const ends = numbered(random, random.pick([close, closeByServer]), scales, opened);
  return [...talked, ...ends.flatMap((message) => (random.below(5) === 0 ? [message, message] : [message]))];
}

/** @param before what the same ends have said. */
function numbered(random: Random, steps: readonly Step[], scales: boolean, before: readonly Message[] = []): Message[] {
  const [client, server] = [endAfter(random, before, false), endAfter(random, before, true)];
  return steps.map(([back, flags]) => {
    const [sender, receiver] = back ? [server, client] : [client, server];
    const payload = (flags & psh) !== 0 ? 1 + random.below(60) : 0;
    const seq = sender.next;
    if (sender.seen === 0 && (flags & ack) !== 0) sender.seen = receiver.next;
    sender.next = (sender.next + payload + (flags & syn ? 1 : 0) + (flags & fin ? 1 : 0)) >>> 0;
    const message: Message = {
      back,
      flags,
      payload,
      seq,
      ack: (flags & ack) !== 0 ? sender.seen : 0,
      window: (flags & syn) !== 0 || !scales ? 0xffff : 0x1ff,
      ...((flags & syn) !== 0 && scales && { options: scaled }),
    };
    receiver.seen = sender.next;
    return message;
  });
}

function worsen(random: Random, messages: Message[]): void {
  if (messages.length === 0) return;
  const at = random.below(messages.length);
  const message = messages[at]!;
  const rest = (more: number): number => Math.min(messages.length, at + 1 + random.below(more));
  switch (random.pick(['twice', 'twice', 'late', 'lost', 'reset', 'stray', 'flags', 'far'])) {
    case 'twice':
      messages.splice(rest(4), 0, message);
      return;
    case 'late':
      messages.splice(at, 1);
      messages.splice(rest(3), 0, message);
      return;
    case 'lost':
      messages.splice(at, 1);
      return;
    case 'reset':
      messages.splice(at + 1, 0, { ...after(message), flags: random.pick([rst, rst | ack]), payload: 0 });
      return;
    case 'stray':
      messages.splice(at + 1, 0, { ...after(message), flags: random.pick([ack, psh | ack, fin | ack, syn, syn | ack]) });
      return;
    case 'flags':
      messages.splice(at + 1, 0, { ...after(message), flags: random.below(64) });
      return;
    default:
      messages.splice(at + 1, 0, farOff(message));
  }
}

const farOff = (message: Message): Message => ({
  ...after(message),
  flags: psh | ack,
  seq: (message.seq! + 0x2000_0000) >>> 0,
  payload: 10,
});

/**
 * Without what opens a connection again: where that was translated, Open vSwitch 3.1 takes another port for it, or ends by an assertion.
 */
export function withoutReopening(messages: readonly Message[]): Message[] {
  const closing = messages.findIndex(({ flags = 0 }) => (flags & (fin | rst)) !== 0);
  return messages.filter(({ flags = 0 }, i) => closing < 0 || i < closing || (flags & (syn | ack)) !== syn);
}

/** What the same end may say next. */
function after({ back, flags = 0, seq = 0, ack: number = 0, payload, window = 0xffff }: Message): Message {
  const next = (seq + payload + (flags & syn ? 1 : 0) + (flags & fin ? 1 : 0)) >>> 0;
  return { back, seq: next, ack: number, payload: 0, window };
}
