import type { FlowId } from '../model/ids.js';
import type { FlowStats } from '../model/flow.js';
import type { Entry } from './book.js';
import type { Expired } from './flow-table.js';

/** What the sweeper needs of the flow table. */
export interface TimedFlows {
  timed(): ReadonlyMap<FlowId, Entry>;
  stats(ids: readonly FlowId[]): FlowStats[];
  expire(expired: readonly Expired[]): Promise<unknown>;
}

export interface ExpiryDeps {
  readonly flows: TimedFlows;
  /** The clock by which the entries are dated. */
  now(): number;
  /** Calls back once. Returns how to call it off. */
  after(ms: number, work: () => void): () => void;
  onError(error: unknown): void;
}

/** Flows with a timeout are looked at this often, and so many of them in a millisecond, so that it costs little however many there are. */
const intervalMs = 250;
const flowsPerMs = 100;

/** When a flow last had another packet count. */
interface Seen {
  packets: bigint;
  sinceMs: number;
}

/** Removes flows whose idle or hard timeout has come. Sleeps where no flow has one. */
export class Expiry {
  readonly #deps: ExpiryDeps;
  readonly #seen = new Map<FlowId, Seen>();
  #cancel: (() => void) | undefined;
  #sweeping = false;
  #stopped = false;

  constructor(deps: ExpiryDeps) {
    this.#deps = deps;
  }

  /** The flows changed: there may be some to look at. */
  wake(): void {
    if (this.#stopped || this.#sweeping || this.#cancel) return;
    const { size } = this.#deps.flows.timed();
    if (size === 0) this.#seen.clear();
    else this.#cancel = this.#deps.after(Math.max(intervalMs, size / flowsPerMs), () => void this.#sweep());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #sweep(): Promise<void> {
    this.#sweeping = true;
    this.#cancel = undefined;
    try {
      const expired = this.#expired();
      if (expired.length > 0) await this.#deps.flows.expire(expired);
    } catch (error) {
      this.#deps.onError(error);
    }
    this.#sweeping = false;
    this.wake();
  }

  #expired(): Expired[] {
    const { flows, now } = this.#deps;
    const at = now();
    const timed = flows.timed();
    for (const id of this.#seen.keys()) if (!timed.has(id)) this.#seen.delete(id);
    const idle = this.#idleSince(at, timed);
    return [...timed.values()].flatMap((entry): Expired[] => {
      const { id, hardTimeout, idleTimeout } = entry.flow;
      if (hardTimeout > 0 && at - entry.sinceMs >= hardTimeout * 1000) return [{ entry, reason: 'hard_timeout' }];
      if (idleTimeout > 0 && at - (idle.get(id) ?? at) >= idleTimeout * 1000) return [{ entry, reason: 'idle_timeout' }];
      return [];
    });
  }

  #idleSince(at: number, timed: ReadonlyMap<FlowId, Entry>): Map<FlowId, number> {
    const idle = [...timed.values()].filter(({ flow }) => flow.idleTimeout > 0);
    const stats = this.#deps.flows.stats(idle.map(({ flow }) => flow.id));
    return new Map(
      idle.map(({ flow: { id }, sinceMs }, i) => {
        const packets = stats[i]?.packets ?? 0n;
        const seen = this.#seen.get(id) ?? { packets: 0n, sinceMs };
        const last = seen.packets === packets ? seen : { packets, sinceMs: at };
        this.#seen.set(id, last);
        return [id, last.sinceMs];
      }),
    );
  }
}
