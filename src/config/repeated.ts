import type { Fault } from '../model/errors.js';

/** Something that may be there once, by its key. */
export interface Keyed {
  readonly pointer: string;
  readonly value: unknown;
  readonly key: string;
}

/** A fault for each after the first with the same key. */
export function repeated(items: readonly Keyed[], rule: string, remedy: string): Fault[] {
  const first = new Map<string, string>();
  return items.flatMap(({ pointer, value, key }) => {
    const before = first.get(key);
    if (before === undefined) first.set(key, pointer);
    return before === undefined ? [] : [{ pointer, value, message: `${rule}: this one is at ${before} already`, remedy }];
  });
}
