import { VswitchError } from '../model/errors.js';
import type { FlowCounters } from '../model/flow.js';
import type { RuleCounters } from '../switch/types.js';

/** Ids taken for a transaction that is not yet applied. */
export interface Reservation {
  readonly ids: readonly number[];
  /** Of these ids the rules of the same transaction's removals are counted until it is applied. */
  readonly recycled: readonly number[];
}

/**
 * Ids of rules, which also index the data plane's rule counters. These are never reset, so an id that is given out again starts from
 * what it has counted before.
 */
export class RuleIds {
  readonly #limit: number;
  readonly #read: (ids: readonly number[]) => readonly RuleCounters[];
  readonly #free: number[] = [];
  readonly #bases = new Map<number, FlowCounters>();
  #next = 0;

  /** @param read the data plane's counters of these ids, each summed over the workers. */
  constructor(limit: number, read: (ids: readonly number[]) => readonly RuleCounters[]) {
    this.#limit = limit;
    this.#read = read;
  }

  get inUse(): number {
    return this.#next - this.#free.length;
  }

  /**
   * Takes `count` ids; those of rules that the same transaction removes only where no others are left.
   * @throws VswitchError LIMIT_EXCEEDED
   */
  reserve(count: number, removed: readonly number[]): Reservation {
    const after = this.inUse - removed.length + count;
    if (after > this.#limit) {
      const message = `the data plane would have ${after} rules, and holds ${this.#limit}`;
      const remedy =
        'delete flows, or raise /limits/rules in the config; a flow of the operator is a rule for each tenant it concerns';
      throw new VswitchError('LIMIT_EXCEEDED', message, [{ pointer: '', value: after, message, remedy }]);
    }
    const used = this.#free.splice(Math.max(0, this.#free.length - count));
    this.#rebase(used);
    const fresh = Math.min(count - used.length, this.#limit - this.#next);
    const ids = [...used, ...Array.from({ length: fresh }, (_, i) => this.#next + i)];
    this.#next += fresh;
    const recycled = removed.slice(0, count - ids.length);
    return { ids: [...ids, ...recycled], recycled };
  }

  /** The transaction was applied: the removed ids are free, but for the recycled. */
  commit({ recycled }: Reservation, removed: readonly number[]): void {
    this.#rebase(recycled);
    const again = new Set(recycled);
    for (const id of removed) if (!again.has(id)) this.#free.push(id);
  }

  /** The transaction was not applied. */
  cancel({ ids, recycled }: Reservation): void {
    this.#free.push(...ids.slice(0, ids.length - recycled.length));
  }

  /** What each id has counted since it was given out. */
  counters(ids: readonly number[]): FlowCounters[] {
    return this.#read(ids).map(({ packets, bytes }, i) => {
      const base = this.#bases.get(ids[i] ?? -1);
      return base ? { packets: packets - base.packets, bytes: bytes - base.bytes } : { packets, bytes };
    });
  }

  #rebase(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#read(ids).forEach(({ packets, bytes }, i) => this.#bases.set(ids[i] ?? -1, { packets, bytes }));
  }
}
