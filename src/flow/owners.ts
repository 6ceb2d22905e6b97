import { ownerKey, type Owner } from '../model/ids.js';

/** One object for each owner, which all of its flows share. */
export class Owners {
  readonly #byKey = new Map<string, Owner>();

  /** The one that was first given of those who are the same. */
  one(owner: Owner): Owner {
    const key = ownerKey(owner);
    const found = this.#byKey.get(key);
    if (!found) this.#byKey.set(key, owner);
    return found ?? owner;
  }
}
