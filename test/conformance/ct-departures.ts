import { ctStateBits } from '../../src/model/conntrack.js';
import type { PortFrame } from '../support/ct-cases/arena.js';
import { parsePacket } from '../support/reference/parse.js';
import { trackedOf, type Tracked } from '../support/reference/tracked.js';

/** A way in which Open vSwitch (3.1, lib/conntrack*.c) departs from what docs/conntrack.md says. */
export interface Departure {
  readonly reason: string;
  /** Whether the two know something else of the connection from then on. */
  readonly lasts: boolean;
}

/** What a switch made of a packet, as the flows of ct-policies.ts tell it. */
interface Seen {
  readonly port: number | undefined;
  readonly state: ReadonlySet<string>;
  readonly mark: number;
  readonly rest: string;
}

type Judged = (ours: Seen, theirs: Seen, packet: Tracked) => boolean;

const [syn, rst, ack] = [2, 4, 16];
const translations = ['snat', 'dnat'] as const;

const isSyn: Judged = (_ours, _theirs, { kind, flags, proto }) =>
  kind === 'packet' && proto === 6 && (flags & (syn | ack)) === syn;
const isNewThere = ({ port, state }: Seen): boolean => port === undefined || (state.has('new') && !state.has('rpl'));
const isTranslated = ({ state }: Seen): boolean => translations.some((bit) => state.has(bit));
const without = ({ state }: Seen, ...bits: readonly string[]): string =>
  [...state].filter((bit) => !bits.includes(bit)).join('+');

const departures: readonly (Departure & { readonly is: Judged })[] = [
  {
    reason: 'Open vSwitch takes a connection up by a RST; Linux, as here, says +inv',
    lasts: true,
    is: (ours, theirs, { flags }) => (flags & rst) !== 0 && ours.state.has('inv') && isNewThere(theirs),
  },
  {
    reason: 'Open vSwitch says +new of a SYN that answers a SYN; a simultaneous open is one connection (RFC 9293, section 3.5)',
    lasts: true,
    is: (ours, theirs, packet) =>
      isSyn(ours, theirs, packet) && ours.state.has('est') && ours.state.has('rpl') && isNewThere(theirs),
  },
  {
    reason: 'Open vSwitch says +est of TCP that nobody has answered; Linux, as here, says +new',
    lasts: false,
    is: (ours, theirs, { proto }) =>
      proto === 6 &&
      ours.state.has('new') &&
      theirs.state.has('est') &&
      without(ours, 'new') === without(theirs, 'est') &&
      ours.port === theirs.port &&
      ours.mark === theirs.mark &&
      ours.rest === theirs.rest,
  },
  {
    reason: 'Open vSwitch marks and translates what it says is +inv; Linux, as here, does neither',
    lasts: false,
    is: (ours, theirs) => ours.state.has('inv') && theirs.state.has('inv') && ours.mark === 0 && ours.port === theirs.port,
  },
  {
    reason: 'Open vSwitch writes a checksum into a translated ICMPv6 error where a segment of the connection would have it',
    lasts: false,
    is: (ours, theirs, { kind, family }) =>
      kind === 'error' &&
      family === 6 &&
      isTranslated(ours) &&
      without(ours) === without(theirs) &&
      withoutChecksums(ours.rest) === withoutChecksums(theirs.rest),
  },
  {
    reason: 'Open vSwitch says +trk alone of a SYN of the other side to a connection that is closed',
    lasts: true,
    is: (ours, theirs, packet) => isSyn(ours, theirs, packet) && ours.state.has('new') && without(theirs) === 'trk',
  },
  {
    reason: 'Open vSwitch looks for a port outside the range, or passes the packet untranslated; here it is ct_nat_exhausted',
    lasts: true,
    is: (ours, theirs, { kind }) => kind !== 'error' && ours.port === undefined && theirs.state.has('new'),
  },
  {
    reason: 'the port is taken and each chooses another; Open vSwitch holds that of a connection that was closed',
    lasts: true,
    is: (ours, theirs, { kind }) =>
      kind !== 'error' &&
      ours.state.has('new') &&
      theirs.state.has('new') &&
      isTranslated(ours) &&
      ours.port === theirs.port &&
      ours.mark === (isTranslated(theirs) ? theirs.mark : ours.mark),
  },
];

/** Why Open vSwitch does something else with a packet, where that is known. */
export function departureOf(ours: readonly PortFrame[], theirs: readonly PortFrame[], frame: Uint8Array): Departure | undefined {
  if (ours.length > 1 || theirs.length > 1) return undefined;
  const [a, b] = [seen(ours[0]), seen(theirs[0])];
  const packet = trackedOf(frame, parsePacket(frame));
  return departures.find(({ is }) => is(a, b, packet));
}

export const isInvalid = ([out]: readonly PortFrame[]): boolean => seen(out).state.has('inv');

function seen(out: PortFrame | undefined): Seen {
  if (!out) return { port: undefined, state: new Set(), mark: 0, rest: '' };
  const told = (out.frame[4]! << 8) | out.frame[5]!;
  return {
    port: out.port,
    state: new Set(ctStateBits.filter((_, i) => (told >> i) & 1)),
    mark: told >> ctStateBits.length,
    rest: Buffer.from(out.frame.subarray(6)).toString('hex'),
  };
}

/**
 * Of an ICMPv6 error, without its checksum, that of the quoted segment, and where those would be were the error a segment: of UDP in
 * its second word, of TCP in the address that it quotes.
 */
function withoutChecksums(rest: string): string {
  const bytes = Buffer.from(rest, 'hex');
  const icmp = 14 - 6 + 40;
  for (const at of [2, 6, 16, 48 + 6, 48 + 16]) bytes.fill(0, icmp + at, icmp + at + 2);
  return bytes.toString('hex');
}
