import { isWritten, rankOf, type InstalledFlow } from '../model/flow.js';
import { ownerKey, type FlowId, type Owner } from '../model/ids.js';
import type { Rule } from '../switch/types.js';

/** An installed flow with its rules. */
export interface Entry {
  readonly flow: InstalledFlow;
  /** keyOf the flow (flow/transaction.ts). */
  readonly key: string;
  /** When it was installed, by the clock of the data plane's port. */
  readonly sinceMs: number;
  /** At most one a slot. */
  readonly rules: readonly Rule[];
}

/** Flows that are told apart by identity among themselves: each owner's, and the derived ones with the guards. */
export type BookName = string;
export const derivedBook: BookName = 'derived';
export const bookOf = ({ owner, band }: Pick<InstalledFlow, 'owner' | 'band'>): BookName =>
  isWritten(band) ? ownerKey(owner) : derivedBook;

/** Every installed flow, by owner and identity, by id, and by the ids of its rules. */
export class FlowBook {
  readonly #books = new Map<BookName, Map<string, Entry>>();
  readonly #byId = new Map<FlowId, Entry>();
  /** Ids of rules are dense: numbers below a limit, used again. */
  readonly #byRule: (Entry | undefined)[] = [];
  readonly #timed = new Map<FlowId, Entry>();
  readonly #listed = new Map<string, readonly InstalledFlow[]>();

  entries(book: BookName): ReadonlyMap<string, Entry> {
    return this.#books.get(book) ?? new Map<string, Entry>();
  }

  all(): Iterable<Entry> {
    return this.#byId.values();
  }

  /** How many flows an owner wrote; of a tenant, its plugins too. */
  sizeOf(owner: Owner): number {
    const own = ownerKey(owner);
    let size = 0;
    for (const [name, book] of this.#books) if (name === own || name.startsWith(`${own}/`)) size += book.size;
    return size;
  }

  /** Of each owner's flows, with those derived for it, by ownerKey. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [name, { size }] of this.#books) if (name !== derivedBook) counts.set(name, size);
    for (const { flow } of this.entries(derivedBook).values()) {
      const key = ownerKey(flow.owner);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  get(id: FlowId): Entry | undefined {
    return this.#byId.get(id);
  }

  ofRule(id: number): InstalledFlow | undefined {
    return this.#byRule[id]?.flow;
  }

  /** Flows with a timeout. */
  get timed(): ReadonlyMap<FlowId, Entry> {
    return this.#timed;
  }

  /** Ordered by table, falling rank, then id. Without owner: everything; with one: what that owner wrote. */
  list(owner?: Owner): readonly InstalledFlow[] {
    const name = owner ? ownerKey(owner) : '';
    const entries = owner ? this.entries(name).values() : this.#byId.values();
    const list = this.#listed.get(name) ?? Array.from(entries, (entry) => entry.flow).sort(compare);
    this.#listed.set(name, list);
    return list;
  }

  remove(entry: Entry): void {
    const { flow, key } = entry;
    this.#bookFor(flow).delete(key);
    this.#byId.delete(flow.id);
    this.#timed.delete(flow.id);
    this.#forgetRules(entry);
    this.#forgetLists();
  }

  /** Adds an entry, or puts it in the place of the one with its id. */
  put(entry: Entry): void {
    const { flow, key, rules } = entry;
    this.#bookFor(flow).set(key, entry);
    const before = this.#byId.get(flow.id);
    if (before) this.#forgetRules(before);
    this.#byId.set(flow.id, entry);
    for (const { id } of rules) this.#byRule[id] = entry;
    if (flow.idleTimeout > 0 || flow.hardTimeout > 0) this.#timed.set(flow.id, entry);
    else this.#timed.delete(flow.id);
    this.#forgetLists();
  }

  /** A rule's id may already be another flow's, of the same transaction. */
  #forgetRules({ flow, rules }: Entry): void {
    for (const { id } of rules) if (this.#byRule[id]?.flow.id === flow.id) this.#byRule[id] = undefined;
  }

  #bookFor(flow: InstalledFlow): Map<string, Entry> {
    const name = bookOf(flow);
    let book = this.#books.get(name);
    if (!book) this.#books.set(name, (book = new Map<string, Entry>()));
    return book;
  }

  /** Clearing a map that is empty costs as much as filling it. */
  #forgetLists(): void {
    if (this.#listed.size > 0) this.#listed.clear();
  }
}

const compare = (a: InstalledFlow, b: InstalledFlow): number =>
  a.table - b.table || rankOf(b.band, b.priority) - rankOf(a.band, a.priority) || a.id - b.id;
