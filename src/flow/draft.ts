import type { Change } from './change.js';
import type { Reference } from './references.js';

/** Where in the request something was written, and what it names. */
export interface Source {
  readonly pointer: string;
  readonly references?: readonly Reference[] | undefined;
}

/** What becomes of one key in the course of a transaction. */
export interface Fate<There, Wanted> extends Source {
  readonly there: There | undefined;
  readonly value: Wanted | undefined;
  /** Put there by an `add`: it takes a new number, and its counters start anew. */
  readonly fresh: boolean;
  readonly reset: boolean;
}

type Living<There, Wanted> = Fate<There, Wanted> & { readonly value: Wanted };

const lives = <There, Wanted>(fate: Fate<There, Wanted>): fate is Living<There, Wanted> => fate.value !== undefined;

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
    this.#decide(key, source, value, true, false);
  }

  modify(key: Key, value: Wanted, source: Source, reset = false): void {
    const before = this.#fates.get(key);
    this.#decide(key, source, value, before?.fresh ?? false, reset || (before?.reset ?? false));
  }

  remove(key: Key, pointer: string): void {
    this.#decide(key, { pointer }, undefined, true, false);
  }

  #decide(key: Key, { pointer, references }: Source, value: Wanted | undefined, fresh: boolean, reset: boolean): void {
    this.#fates.set(key, { there: this.#book.get(key), value, fresh, reset, pointer, references });
  }

  /** What the transaction touched, and left or took away. */
  get fates(): ReadonlyMap<Key, Fate<There, Wanted>> {
    return this.#fates;
  }

  /** @param same whether two values of one key do the same. */
  change(same: (now: Wanted, wanted: Wanted) => boolean): Change<There, Wanted> {
    const remove: There[] = [];
    const add: Living<There, Wanted>[] = [];
    const modify: { there: There; value: Wanted; reset: boolean }[] = [];
    for (const fate of this.#fates.values()) {
      const { there, fresh, reset } = fate;
      if (there !== undefined && lives(fate) && !fresh) {
        if (reset || !same(this.#valueOf(there), fate.value)) modify.push({ there, value: fate.value, reset });
        continue;
      }
      if (there !== undefined) remove.push(there);
      if (lives(fate)) add.push(fate);
    }
    return { remove, add, modify };
  }
}
