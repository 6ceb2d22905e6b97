import type { ConntrackAction } from '../../../src/model/action.js';
import { begin, beginsAnew, isIllegal, mayBegin, segment, type TcpState } from './tcp-state.js';
import { Mappings, isMapped } from './mappings.js';
import { turned, type Ends, type Tracked } from './tracked.js';

const bits = { new: 1, est: 2, rel: 4, rpl: 8, inv: 0x10, trk: 0x20, snat: 0x40, dnat: 0x80 } as const;
export const translatedBits = bits.snat | bits.dnat;

/** What a packet is to its connection, and what its ends become (of an error those of the packet in it, turned). */
export interface Verdict {
  readonly state: number;
  readonly mark: bigint;
  readonly to?: Ends;
  readonly drop?: 'ct_fragment' | 'ct_nat_exhausted';
}

export interface Connection {
  readonly zone: number;
  readonly family: 4 | 6;
  readonly proto: number;
  /** As packets of each direction arrive. */
  readonly original: Ends;
  readonly reply: Ends;
  readonly nat: 'src' | 'dst' | undefined;
  seenReply: boolean;
  mark: bigint;
  label: bigint;
  readonly tcp: TcpState;
}

/** Which ends a new connection's packets get, where more than one choice is right: one that `isLegal` takes. */
export type Choose = (packet: Tracked, isLegal: (ends: Ends) => boolean) => Ends | undefined;

/** What one tenant's connections do, in the plainest words: ovs-actions(7), ovs-fields(7) and docs/conntrack.md. Nothing times out. */
export class Connections {
  readonly all: Connection[] = [];
  readonly #mappings = new Mappings();
  readonly #loose: boolean;
  readonly #choose: Choose;

  constructor(choose: Choose, loose = true) {
    this.#choose = choose;
    this.#loose = loose;
  }

  /** @param nat the bits of the translation that this zone has made of the packet already. */
  track(packet: Tracked, action: ConntrackAction, nat = 0): Verdict {
    const again = nat === 0 ? undefined : this.#findTranslated(packet, action.zone);
    const verdict = this.#track(packet, action, again);
    return again ? { ...verdict, state: verdict.state | nat } : verdict;
  }

  #track(packet: Tracked, action: ConntrackAction, again: Found | undefined): Verdict {
    const { kind, proto, flags, later } = packet;
    if (kind === 'invalid') return invalid;
    if (kind === 'untracked') return { state: bits.trk | bits.new, mark: 0n };
    if (later) return { state: 0, mark: 0n, drop: 'ct_fragment' };
    if (kind !== 'error' && proto === 6 && isIllegal(flags)) return invalid;
    const found = again ?? this.#find(packet, action.zone);
    if (kind === 'error') return found ? this.#related(found, action) : invalid;
    if (found && proto === 6 && beginsAnew(found.connection.tcp, flags)) this.#forget(found.connection);
    else if (found) return this.#known(found, packet, action);
    if (kind === 'reply' || (proto === 6 && !mayBegin(flags, this.#loose))) return invalid;
    return action.commit ? this.#create(packet, action) : { state: bits.trk | bits.new, mark: 0n };
  }

  #find({ kind, about, family, proto, ends }: Tracked, zone: number): Found | undefined {
    // Errors about a request come the way of its reply.
    const query = kind === 'error' ? (about === 'request' ? 'reply' : about === 'reply' ? 'request' : 'packet') : kind;
    for (const connection of this.all) {
      if (connection.zone !== zone || connection.family !== family || connection.proto !== proto) continue;
      if (query !== 'reply' && same(connection.original, ends)) return { connection, direction: 0 };
      if (query !== 'request' && same(connection.reply, ends)) return { connection, direction: 1 };
    }
    return undefined;
  }

  /** What was translated is what its answers have, turned. */
  #findTranslated(packet: Tracked, zone: number): Found | undefined {
    const { kind, about, ends } = packet;
    const answer = { ...packet, kind: answering(kind), ...(about && { about: answering(about) }), ends: turned(ends) };
    const found = this.#find(answer, zone);
    return found && { connection: found.connection, direction: found.direction === 0 ? 1 : 0 };
  }

  #known(found: Found, { proto, flags }: Tracked, action: ConntrackAction): Verdict {
    const { connection, direction } = found;
    if (direction === 1) connection.seenReply = true;
    if (proto === 6) segment(connection.tcp, direction, flags);
    if (action.commit) write(connection, action);
    return verdictOf(found, action, connection.seenReply ? bits.est : bits.new);
  }

  #related(found: Found, action: ConntrackAction): Verdict {
    return verdictOf(found, action, bits.rel);
  }

  #forget(connection: Connection): void {
    this.all.splice(this.all.indexOf(connection), 1);
  }

  #create(packet: Tracked, action: ConntrackAction): Verdict {
    const { family, proto, ends, flags } = packet;
    const translated = action.nat !== 'none' && action.nat !== 'known' && action.family === family;
    const to = !translated
      ? ends
      : (this.#mappings.find(packet, action) ?? this.#choose(packet, (choice) => this.#isLegal(packet, action, choice)));
    if (!to && this.#isExhausted(packet, action)) return { state: 0, mark: 0n, drop: 'ct_nat_exhausted' };
    if (!to) throw new RangeError('no legal translation was chosen');
    if (this.#isTaken(packet.kind, family, proto, action.zone, to)) return { state: 0, mark: 0n, drop: 'ct_nat_exhausted' };
    const nat = translated ? (action.nat === 'src' ? 'src' : 'dst') : undefined;
    const connection: Connection = {
      zone: action.zone,
      family,
      proto,
      original: ends,
      reply: turned(to),
      nat,
      seenReply: false,
      mark: 0n,
      label: 0n,
      tcp: begin(flags),
    };
    write(connection, action);
    this.all.push(connection);
    if (translated) this.#mappings.add(packet, action, to);
    return verdictOf({ connection, direction: 0 }, action, bits.new);
  }

  /** Whether the answers to packets with these ends would be those of another connection, or its first packets. */
  #isTaken(kind: Tracked['kind'], family: 4 | 6, proto: number, zone: number, to: Ends): boolean {
    const answer = turned(to);
    return this.all.some(
      (one) =>
        one.zone === zone &&
        one.family === family &&
        one.proto === proto &&
        (same(one.reply, answer) || (kind !== 'request' && same(one.original, answer))),
    );
  }

  /** Whether nothing of the range is free. With all ports there always is one: no case has that many connections. */
  #isExhausted(packet: Tracked, action: ConntrackAction): boolean {
    const { kind, family, ends } = packet;
    const { low, high, prefixBits, portLow, portHigh } = action;
    const [own, ownPort] = action.nat === 'src' ? (['src', 'srcPort'] as const) : (['dst', 'dstPort'] as const);
    const hosts = prefixBits > 0 ? (1n << BigInt((family === 4 ? 32 : 128) - prefixBits)) - 1n : 0n;
    const addresses =
      prefixBits > 0 ? [low | (ends[own] & hosts)] : Array.from({ length: Number(high - low) + 1 }, (_, i) => low + BigInt(i));
    const keepsPort = prefixBits > 0 || !hasPorts(packet) || (own === 'dst' && (portLow === 0 || kind === 'request'));
    if (!keepsPort && portLow === 0) return false;
    const ports = keepsPort ? [ends[ownPort]] : Array.from({ length: portHigh - portLow + 1 }, (_, i) => portLow + i);
    const choices = addresses.flatMap((address) =>
      ports.map((port) => ({
        ...ends,
        [own]: address,
        [ownPort]: port,
        ...(kind === 'request' && { srcPort: port, dstPort: port }),
      })),
    );
    return choices.every((choice) => !this.#isLegal(packet, action, choice));
  }

  /** An end in the range, nobody else's, and the port as it was where it may stay. */
  #isLegal({ kind, proto, family, ends }: Tracked, action: ConntrackAction, choice: Ends): boolean {
    const [ownAddress, ownPort, otherAddress, otherPort] =
      action.nat === 'src' ? (['src', 'srcPort', 'dst', 'dstPort'] as const) : (['dst', 'dstPort', 'src', 'srcPort'] as const);
    const isQuery = kind === 'request';
    if (choice[otherAddress] !== ends[otherAddress]) return false;
    if (choice[otherPort] !== (isQuery ? choice[ownPort] : ends[otherPort])) return false;
    const isTaken = (to: Ends): boolean =>
      this.#isTaken(kind, family, proto, action.zone, to) ||
      (isMapped(proto, action) && this.#mappings.has(family, proto, action.zone, to));
    if (isTaken(choice)) return false;
    const { low, high, prefixBits, portLow, portHigh } = action;
    const [address, port] = [choice[ownAddress], choice[ownPort]];
    if (prefixBits > 0) {
      const host = (1n << BigInt((family === 4 ? 32 : 128) - prefixBits)) - 1n;
      return address === ((low & ~host) | (ends[ownAddress] & host)) && port === ends[ownPort];
    }
    if (address < low || address > high) return false;
    if (!hasPorts({ kind, proto })) return port === 0;
    // A destination's ports are not the identifiers of who asks.
    if (isQuery && action.nat === 'dst') return port === ends[ownPort];
    const inRange = (one: number): boolean => (portLow === 0 ? true : one >= portLow && one <= portHigh);
    if (!inRange(port)) return false;
    const kept = { ...choice, [ownPort]: ends[ownPort], ...(isQuery ? { [otherPort]: ends[ownPort] } : {}) };
    return port === ends[ownPort] || action.random || !inRange(ends[ownPort]) || isTaken(kept);
  }
}

const hasPorts = ({ kind, proto }: Pick<Tracked, 'kind' | 'proto'>): boolean =>
  [6, 17, 132].includes(proto) || kind === 'request';

const answering = <Kind extends Tracked['kind']>(kind: Kind): Kind | 'request' | 'reply' =>
  kind === 'request' ? 'reply' : kind === 'reply' ? 'request' : kind;

interface Found {
  readonly connection: Connection;
  readonly direction: 0 | 1;
}

const invalid: Verdict = { state: bits.trk | bits.inv, mark: 0n };

function verdictOf({ connection, direction }: Found, action: ConntrackAction, state: number): Verdict {
  const { nat, original, reply, mark } = connection;
  const applied = action.nat !== 'none' ? nat : undefined;
  // What is done to an answer is at its other end.
  const translation = applied === undefined ? 0 : (applied === 'src') === (direction === 0) ? bits.snat : bits.dnat;
  return {
    state: bits.trk | state | (direction === 1 ? bits.rpl : 0) | translation,
    mark,
    ...(applied === undefined ? {} : { to: turned(direction === 1 ? original : reply) }),
  };
}

function write(connection: Connection, { mark, markMask, label, labelMask }: ConntrackAction): void {
  connection.mark = (connection.mark & ~markMask) | mark;
  connection.label = (connection.label & ~labelMask) | label;
}

const same = (a: Ends, b: Ends): boolean =>
  a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort;
