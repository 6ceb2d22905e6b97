import { rankOf, type InstalledFlow } from '../model/flow.js';
import { ownerKey, type FlowId, type Owner } from '../model/ids.js';
import type { Placement } from './rules.js';

/** A rule in the data plane. */
export interface PlacedRule extends Placement {
  readonly id: number;
}

/** An installed flow with its rules. */
export interface Entry {
  readonly flow: InstalledFlow;
  /** identityKey of the flow. */
  readonly key: string;
  readonly mask: string;
  /** When it was installed, by the clock of the data plane's port. */
  readonly sinceMs: number;
  readonly rules: readonly PlacedRule[];
}

/** Flows that are told apart by identity among themselves: each owner's, and the derived ones with the guards. */
export type BookName = string;
export const derivedBook: BookName = 'derived';
export const bookOf = ({ owner, band }: Pick<InstalledFlow, 'owner' | 'band'>): BookName =>
  band === 'derived' || band === 'guard' ? derivedBook : ownerKey(owner);

/** Every installed flow, by owner and identity, by id, and by the ids of its rules. */
export class FlowBook {
  readonly #books = new Map<BookName, Map<string, Entry>>();
  readonly #byId = new Map<FlowId, Entry>();
  readonly #byRule = new Map<number, FlowId>();
  readonly #timed = new Map<FlowId, Entry>();
  readonly #listed = new Map<string, readonly InstalledFlow[]>();

  entries(book: BookName): ReadonlyMap<string, Entry> {
    return this.#books.get(book) ?? new Map<string, Entry>();
  }

  all(): Iterable<Entry> {
    return this.#byId.values();
  }

  get(id: FlowId): Entry | undefined {
    return this.#byId.get(id);
  }

  ofRule(id: number): InstalledFlow | undefined {
    const found = this.#byRule.get(id);
    return found === undefined ? undefined : this.#byId.get(found)?.flow;
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
    this.#books.get(bookOf(flow))?.delete(key);
    this.#byId.delete(flow.id);
    this.#timed.delete(flow.id);
    this.#forgetRules(entry);
    this.#listed.clear();
  }

  /** Adds an entry, or puts it in the place of the one with its id. */
  put(entry: Entry): void {
    const { flow, key, rules } = entry;
    const name = bookOf(flow);
    const book = this.#books.get(name) ?? new Map<string, Entry>();
    book.set(key, entry);
    this.#books.set(name, book);
    const before = this.#byId.get(flow.id);
    if (before) this.#forgetRules(before);
    this.#byId.set(flow.id, entry);
    for (const { id } of rules) this.#byRule.set(id, flow.id);
    if (flow.idleTimeout > 0 || flow.hardTimeout > 0) this.#timed.set(flow.id, entry);
    else this.#timed.delete(flow.id);
    this.#listed.clear();
  }

  /** A rule's id may already be another flow's, of the same transaction. */
  #forgetRules({ flow, rules }: Entry): void {
    for (const { id } of rules) if (this.#byRule.get(id) === flow.id) this.#byRule.delete(id);
  }
}

const compare = (a: InstalledFlow, b: InstalledFlow): number =>
  a.table - b.table || rankOf(b.band, b.priority) - rankOf(a.band, a.priority) || a.id - b.id;
