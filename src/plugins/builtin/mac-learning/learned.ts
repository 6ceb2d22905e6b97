export interface Station {
  /** Number of the port that it is behind. */
  port: number;
  /** Packets from it, when they were last counted. */
  packets: bigint;
  /** When there were more than before, in milliseconds. */
  seenMs: number;
}

/** `known`: nothing new. `refused`: there is no room for it, or it is fixed elsewhere. */
export type Learning = 'known' | 'learned' | 'moved' | 'refused';

/** Which addresses are behind which ports, as far as there is room. */
export class Learned {
  readonly #stations = new Map<string, Station>();
  readonly #perPort = new Map<number, number>();
  readonly #most: { readonly inAll: number; readonly perPort: number };

  constructor(most: { readonly inAll: number; readonly perPort: number }) {
    this.#most = most;
  }

  get size(): number {
    return this.#stations.size;
  }

  entries(): readonly (readonly [mac: string, station: Station])[] {
    return [...this.#stations];
  }

  portOf(mac: string): number | undefined {
    return this.#stations.get(mac)?.port;
  }

  learn(mac: string, port: number, nowMs: number): Learning {
    const station = this.#stations.get(mac);
    if (station?.port === port) return 'known';
    const hasRoom = (station !== undefined || this.#stations.size < this.#most.inAll) && this.#count(port) < this.#most.perPort;
    if (!hasRoom) return 'refused';
    if (station) this.#perPort.set(station.port, this.#count(station.port) - 1);
    this.#perPort.set(port, this.#count(port) + 1);
    this.#stations.set(mac, { port, packets: 0n, seenMs: nowMs });
    return station ? 'moved' : 'learned';
  }

  forget(mac: string): void {
    const station = this.#stations.get(mac);
    if (!station) return;
    this.#stations.delete(mac);
    this.#perPort.set(station.port, this.#count(station.port) - 1);
  }

  #count(port: number): number {
    return this.#perPort.get(port) ?? 0;
  }
}
