import type { Action, ActionText } from '../../model/action.js';
import type { Topology } from '../../model/topology.js';
import type { Known } from './known.js';

/** A list as it was written, where, and what it came to. */
interface Read {
  readonly texts: readonly ActionText[];
  readonly known: Known;
  readonly table: number;
  readonly actions: readonly Action[];
}

const slots = 1024;

/**
 * Lists of actions that were read lately. Most flows do what others do: such a list is read once, and is one object in memory, which
 * tells in turn that two flows do the same. It has so many slots, each for the last list that fell there, and needs no tidying.
 */
class RecentLists {
  readonly #slots: (Read | undefined)[] = [];
  /** Found or kept last: often it is the next one too. */
  #last: Read | undefined;

  find(texts: readonly ActionText[], known: Known, table: number): readonly Action[] | undefined {
    if (says(this.#last, texts, known, table)) return this.#last.actions;
    const read = this.#slots[slotOf(texts)];
    if (!says(read, texts, known, table)) return undefined;
    this.#last = read;
    return read.actions;
  }

  keep(read: Read): void {
    this.#slots[slotOf(read.texts)] = read;
    this.#last = read;
  }
}

const says = (read: Read | undefined, texts: readonly ActionText[], known: Known, table: number): read is Read =>
  read !== undefined && read.known === known && read.table === table && isSame(read.texts, texts);

const byTopology = new WeakMap<Topology, RecentLists>();

/** What a list says hangs on the names of the ports, which a topology, being a value, never changes. */
export function recentLists(topology: Topology): RecentLists {
  const found = byTopology.get(topology) ?? new RecentLists();
  byTopology.set(topology, found);
  return found;
}

/** Told by the numbers, and the ends of the texts, in which addresses and names are the most different. */
function slotOf(texts: readonly ActionText[]): number {
  let sum = texts.length;
  for (const text of texts) {
    for (const name in text) {
      const value: unknown = text[name as keyof ActionText];
      if (typeof value === 'number') sum = Math.imul(sum, 31) + value;
      else if (typeof value === 'string') sum = Math.imul(sum, 31) + ending(value);
    }
  }
  return sum & (slots - 1);
}

const ending = (text: string): number =>
  text.length + 7 * text.charCodeAt(text.length - 1) + (text.length > 1 ? 113 * text.charCodeAt(text.length - 2) : 0);

/** Of two values of JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  for (const name in a) if (!isSame(a[name as keyof typeof a], b[name as keyof typeof b])) return false;
  for (const name in b) if (!(name in a)) return false;
  return true;
}
