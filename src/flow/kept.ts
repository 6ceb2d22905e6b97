import type { Owner } from '../model/ids.js';

/** A group or meter under an id of its owner's own. */
export interface Owned<T> {
  readonly owner: Owner;
  readonly id: number;
  readonly value: T;
}

/** With its number in the data plane. */
export interface Kept<T> extends Owned<T> {
  readonly number: number;
}
