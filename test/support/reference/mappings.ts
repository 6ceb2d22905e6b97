import type { ConntrackAction } from '../../../src/model/action.js';
import type { Ends, Tracked } from './tracked.js';

interface Mapping {
  readonly zone: number;
  readonly family: 4 | 6;
  readonly proto: number;
  readonly inside: Ends;
  readonly outside: Ends;
}

/** Whether a translation persists: 1:1 does so by itself, and identifiers of ICMP are nobody's ends. */
export const isMapped = (proto: number, { nat, persistent, prefixBits }: ConntrackAction): boolean =>
  persistent && nat === 'src' && prefixBits === 0 && [6, 17, 132].includes(proto);

/** RFC 4787, 4.1: an inside address and port has one outside address and port, which no other has. They outlive connections. */
export class Mappings {
  readonly #all: Mapping[] = [];

  /** What the packet's ends become, where that is settled. */
  find({ family, proto, ends }: Tracked, action: ConntrackAction): Ends | undefined {
    if (!isMapped(proto, action)) return undefined;
    const found = this.#of(family, proto, action.zone).find(({ inside }) => sameSource(inside, ends));
    return found && { ...ends, src: found.outside.src, srcPort: found.outside.srcPort };
  }

  has(family: 4 | 6, proto: number, zone: number, outside: Ends): boolean {
    return this.#of(family, proto, zone).some((mapping) => sameSource(mapping.outside, outside));
  }

  /** Where it is a new one. */
  add(packet: Tracked, action: ConntrackAction, outside: Ends): void {
    const { family, proto, ends: inside } = packet;
    if (!isMapped(proto, action) || this.find(packet, action)) return;
    this.#all.push({ zone: action.zone, family, proto, inside, outside });
  }

  #of(family: 4 | 6, proto: number, zone: number): Mapping[] {
    return this.#all.filter((one) => one.family === family && one.proto === proto && one.zone === zone);
  }
}

const sameSource = (a: Ends, b: Ends): boolean => a.src === b.src && a.srcPort === b.srcPort;
