import { VswitchError } from '../model/errors.js';
import { ownerKey, type Owner } from '../model/ids.js';
import { isEmpty, type Change } from './change.js';
import type { Kept, Owned } from './kept.js';
import { Numbers, type NumberSpec } from './numbers.js';

/** How many an owner has, and what these counted together with those that it had before. */
export interface StockTotal<C> {
  readonly owner: string;
  readonly count: number;
  readonly counters: C;
}

/** What a change makes of a stock, before and after the data plane took it. */
export interface Prepared<T> {
  /** Added or changed. */
  readonly put: readonly Kept<T>[];
  readonly removed: readonly number[];
  /** As it will be. */
  numberOf(owner: Owner, id: number): number;
  commit(): void;
  cancel(): void;
}

/** All groups, or all meters, by owner and id. */
export class Stock<T, C extends { readonly [K in keyof C]: bigint }> {
  readonly #numbers: Numbers<C>;
  readonly #byOwner = new Map<string, Map<number, Kept<T>>>();
  /** What is gone, by owner. */
  readonly #retired = new Map<string, C>();

  /** What most transactions make of it. */
  readonly #unchanged: Prepared<T> = {
    put: [],
    removed: [],
    numberOf: (owner, id) => this.of(owner).get(id)?.number ?? missing(owner, id),
    commit: () => undefined,
    cancel: () => undefined,
  };

  constructor(spec: NumberSpec<C>) {
    this.#numbers = new Numbers(spec);
  }

  of(owner: Owner): ReadonlyMap<number, Kept<T>> {
    return this.#byOwner.get(ownerKey(owner)) ?? new Map<number, Kept<T>>();
  }

  get isEmpty(): boolean {
    return [...this.#byOwner.values()].every((of) => of.size === 0);
  }

  /** By owner, then id. */
  list(owner?: Owner): readonly Kept<T>[] {
    const kept = owner ? [...this.of(owner).values()] : [...this.#byOwner.values()].flatMap((of) => [...of.values()]);
    return kept.sort((a, b) => ownerKey(a.owner).localeCompare(ownerKey(b.owner)) || a.id - b.id);
  }

  /** What each has counted. */
  counters(list: readonly Kept<T>[]): C[] {
    return this.#numbers.counters(list.map(({ number }) => number));
  }

  /** By owner; never falls. */
  totals(): StockTotal<C>[] {
    return [...this.#byOwner].flatMap(([owner, of]) => {
      const kept = [...of.values()];
      const retired = this.#retired.get(owner);
      const counters = sum([...this.counters(kept), ...(retired ? [retired] : [])]);
      return counters ? [{ owner, count: kept.length, counters }] : [];
    });
  }

  /** @throws VswitchError LIMIT_EXCEEDED */
  prepare(change: Change<Kept<T>, Owned<T>>): Prepared<T> {
    const { remove, add, modify } = change;
    if (isEmpty(change)) return this.#unchanged;
    const leaving = remove.map(({ number }) => number);
    const reserved = this.#numbers.reserve(add.length, leaving);
    const added = add.map(({ value }, i): Kept<T> => ({ ...value, number: reserved.ids[i] ?? -1 }));
    const put = [...added, ...modify.map(({ there, value }) => ({ ...value, number: there.number }))];
    const come = new Map(put.map((kept) => [keyOf(kept.owner, kept.id), kept.number]));
    const recycled = new Set(reserved.recycled);
    return {
      put,
      removed: leaving.filter((number) => !recycled.has(number)),
      numberOf: (owner, id) => come.get(keyOf(owner, id)) ?? this.#unchanged.numberOf(owner, id),
      commit: () => {
        this.#retire(remove);
        this.#numbers.commit(reserved, leaving);
        for (const { owner, id } of remove) this.#byOwner.get(ownerKey(owner))?.delete(id);
        for (const kept of put) this.#keep(kept);
      },
      cancel: () => this.#numbers.cancel(reserved),
    };
  }

  #retire(gone: readonly Kept<T>[]): void {
    const last = this.counters(gone);
    gone.forEach(({ owner }, i) => {
      const key = ownerKey(owner);
      const counters = sum([this.#retired.get(key), last[i]].filter((one) => one !== undefined));
      if (counters) this.#retired.set(key, counters);
    });
  }

  #keep(kept: Kept<T>): void {
    const key = ownerKey(kept.owner);
    const of = this.#byOwner.get(key) ?? new Map<number, Kept<T>>();
    of.set(kept.id, kept);
    this.#byOwner.set(key, of);
  }
}

function sum<C extends { readonly [K in keyof C]: bigint }>(list: readonly C[]): C | undefined {
  const [first, ...others] = list;
  if (!first) return undefined;
  const names = Object.keys(first) as (keyof C & string)[];
  const totals = names.map((name) => [name, others.reduce((total: bigint, one) => total + one[name], first[name])] as const);
  return Object.fromEntries(totals) as C;
}

const keyOf = (owner: Owner, id: number): string => `${ownerKey(owner)}/${id}`;

function missing(owner: Owner, id: number): never {
  throw new VswitchError('INTERNAL', `${ownerKey(owner)} has no group or meter ${id}`);
}
