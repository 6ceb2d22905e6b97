import { VswitchError } from '../model/errors.js';

/** Numbers taken for a transaction that is not yet applied. */
export interface Reservation {
  readonly ids: readonly number[];
  /** Of these the same transaction's removals are counted until it is applied. */
  readonly recycled: readonly number[];
}

export interface NumberSpec<C extends object> {
  readonly limit: number;
  /** What is numbered, in the plural, and what to do where there are too many. */
  readonly what: string;
  readonly remedy: string;
  /** The data plane's counters of these numbers, each summed over the workers. */
  read(ids: readonly number[]): readonly C[];
}

/**
 * Numbers of the data plane, for rules, groups or meters, which also index its counters. These are never reset, so a number that is
 * given out again starts from what it has counted before.
 */
export class Numbers<C extends { readonly [K in keyof C]: bigint }> {
  readonly #spec: NumberSpec<C>;
  readonly #free: number[] = [];
  readonly #bases = new Map<number, C>();
  #next = 0;

  constructor(spec: NumberSpec<C>) {
    this.#spec = spec;
  }

  get inUse(): number {
    return this.#next - this.#free.length;
  }

  /**
   * Takes `count` numbers; those that the same transaction removes only where no others are left.
   * @throws VswitchError LIMIT_EXCEEDED
   */
  reserve(count: number, removed: readonly number[]): Reservation {
    const { limit, what, remedy } = this.#spec;
    const after = this.inUse - removed.length + count;
    if (after > limit) {
      const message = `the data plane would have ${after} ${what}, and holds ${limit}`;
      throw new VswitchError('LIMIT_EXCEEDED', message, [{ pointer: '', value: after, message, remedy }]);
    }
    const used = this.#free.splice(Math.max(0, this.#free.length - count));
    this.reset(used);
    const fresh = Math.min(count - used.length, limit - this.#next);
    const ids = used;
    for (let i = 0; i < fresh; i++) ids.push(this.#next++);
    const recycled = removed.slice(0, count - ids.length);
    return { ids: recycled.length === 0 ? ids : [...ids, ...recycled], recycled };
  }

  /** The transaction was applied: the removed numbers are free, but for the recycled. */
  commit({ recycled }: Reservation, removed: readonly number[]): void {
    this.reset(recycled);
    const again = new Set(recycled);
    for (const id of removed) if (!again.has(id)) this.#free.push(id);
  }

  /** The transaction was not applied. */
  cancel({ ids, recycled }: Reservation): void {
    for (const id of ids.slice(0, ids.length - recycled.length)) this.#free.push(id);
  }

  /** What each has counted since it was given out, or reset. */
  counters(ids: readonly number[]): C[] {
    if (ids.length === 0) return [];
    return this.#spec.read(ids).map((now, i) => {
      const base = this.#bases.get(ids[i] ?? -1);
      return base ? since(now, base) : now;
    });
  }

  /** Counts these anew from here. */
  reset(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#spec.read(ids).forEach((now, i) => this.#bases.set(ids[i] ?? -1, now));
  }
}

function since<C extends { readonly [K in keyof C]: bigint }>(now: C, base: C): C {
  const names = Object.keys(now) as (keyof C & string)[];
  const counts = names.map((name): [string, bigint] => [name, (now[name] as bigint) - (base[name] as bigint)]);
  return Object.fromEntries(counts) as C;
}
