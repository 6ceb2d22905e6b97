import { matchFields } from '../../model/match.js';
import type { MatchShape, PackedMatch } from '../../model/packed-match.js';

/** The fields on whose values others hang, and actions; of the tag only whether it is there. */
const deciding: ReadonlySet<string> = new Set([
  ...matchFields.flatMap(({ needs }) => needs.flatMap((need) => Object.keys(need))),
  'vlan_vid',
  'arp_op',
]);

/** A number holds so many bytes exactly. */
const mostBytes = 6;
/** Of one shape. Who matches more kinds of packets than that asks anew. */
const mostKinds = 256;

/**
 * What `find` says of a match, where that depends on the shape and the deciding fields alone: many flows match one kind of packets, and
 * `find` is asked once for them all.
 */
export function byKind<T>(find: (match: PackedMatch) => T): (match: PackedMatch) => T {
  const kinds = new WeakMap<MatchShape, Kinds<T>>();
  return (match) => {
    const { shape } = match;
    let known = kinds.get(shape);
    if (!known) kinds.set(shape, (known = new Kinds(shape, find)));
    return known.of(match);
  };
}

class Kinds<T> {
  readonly #find: (match: PackedMatch) => T;
  /** Of the deciding bytes in the key. */
  readonly #places: readonly number[];
  readonly #found = new Map<number, T>();

  constructor({ fields }: MatchShape, find: (match: PackedMatch) => T) {
    this.#find = find;
    this.#places = fields
      .filter(({ name }) => deciding.has(name))
      // The bit for the tag is in the first of vlan_vid's two bytes.
      .flatMap(({ name, at, bytes }) => Array.from({ length: name === 'vlan_vid' ? 1 : bytes }, (_, i) => at + i));
  }

  of(match: PackedMatch): T {
    if (this.#places.length > mostBytes) return this.#find(match);
    let kind = 0;
    for (const place of this.#places) kind = kind * 256 + match.key.charCodeAt(place);
    const known = this.#found.get(kind);
    if (known !== undefined) return known;
    const found = this.#find(match);
    if (this.#found.size >= mostKinds) this.#found.clear();
    this.#found.set(kind, found);
    return found;
  }
}
