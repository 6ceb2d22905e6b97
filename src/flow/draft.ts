import type { Change } from './change.js';
import type { Reference } from './references.js';

/** Where in the request something was written, and what it names. */
export interface Source {
  readonly pointer: string;
  readonly references?: readonly Reference[];
}

/** What becomes of one key in the course of a transaction. */
export interface Fate<There, Wanted> extends Source {
  readonly there: There | undefined;
  readonly value: Wanted | undefined;
  /** Put there by an `add`: it takes a new number, and its counters start anew. */
  readonly fresh: boolean;
  readonly reset: boolean;
}

/** Something with keys as the steps of a transaction leave it; the book itself stays as it is. */
export class Draft<Key, There, Wanted> {
  readonly #book: ReadonlyMap<Key, There>;
  readonly #valueOf: (there: There) => Wanted;
  readonly #fates = new Map<Key, Fate<There, Wanted>>();

  constructor(book: ReadonlyMap<Key, There>, valueOf: (there: There) => Wanted) {
    this.#book = book;
    this.#valueOf = valueOf;
  }

  get(key: Key): Wanted | undefined {
    const fate = this.#fates.get(key);
    if (fate) return fate.value;
    const there = this.#book.get(key);
    return there === undefined ? undefined : this.#valueOf(there);
  }

  /** Everything that is there now. */
  *entries(): Generator<readonly [Key, Wanted]> {
    for (const [key, there] of this.#book) {
      const fate = this.#fates.get(key);
      if (!fate) yield [key, this.#valueOf(there)];
      else if (fate.value !== undefined) yield [key, fate.value];
    }
    for (const [key, { value }] of this.#fates) if (value !== undefined && !this.#book.has(key)) yield [key, value];
  }

  /** How many there are now. */
  get size(): number {
    let size = this.#book.size;
    for (const { there, value } of this.#fates.values()) size += Number(value !== undefined) - Number(there !== undefined);
    return size;
  }

  /** In the place of what has the key, if anything has. */
  add(key: Key, value: Wanted, source: Source): void {
    this.#fates.set(key, { ...source, there: this.#book.get(key), value, fresh: true, reset: false });
  }

  modify(key: Key, value: Wanted, source: Source, reset = false): void {
    const before = this.#fates.get(key);
    const fresh = before?.fresh ?? false;
    this.#fates.set(key, { ...source, there: this.#book.get(key), value, fresh, reset: reset || (before?.reset ?? false) });
  }

  remove(key: Key, pointer: string): void {
    this.#fates.set(key, { there: this.#book.get(key), value: undefined, fresh: true, reset: false, pointer });
  }

  /** What the transaction touched, and left or took away. */
  get fates(): ReadonlyMap<Key, Fate<There, Wanted>> {
    return this.#fates;
  }

  /** @param same whether two values of one key do the same. */
  change(same: (now: Wanted, wanted: Wanted) => boolean): Change<There, Wanted> {
    const remove: There[] = [];
    const add: { value: Wanted; pointer: string }[] = [];
    const modify: { there: There; value: Wanted; reset: boolean }[] = [];
    for (const { there, value, fresh, reset, pointer } of this.#fates.values()) {
      if (there !== undefined && value !== undefined && !fresh) {
        if (reset || !same(this.#valueOf(there), value)) modify.push({ there, value, reset });
        continue;
      }
      if (there !== undefined) remove.push(there);
      if (value !== undefined) add.push({ value, pointer });
    }
    return { remove, add, modify };
  }
}
