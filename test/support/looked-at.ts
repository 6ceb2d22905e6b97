const listMethods = [
  'map',
  'filter',
  'flatMap',
  'forEach',
  'some',
  'every',
  'find',
  'findIndex',
  'reduce',
  'sort',
  'slice',
  'splice',
] as const;
const mapMethods = [Symbol.iterator, 'entries', 'keys', 'values', 'forEach'] as const;

/**
 * How long the longest list, and how large the largest map or set was, that `work` went through from end to end. It watches the
 * methods of all lists and maps: nothing else may run meanwhile.
 */
export async function largestLookedAt(work: () => Promise<unknown>): Promise<number> {
  let largest = 0;
  const look = (seen: Seen): void => {
    largest = Math.max(largest, 'size' in seen ? seen.size : seen.length);
  };
  const undo = [
    ...[...listMethods, Symbol.iterator].map((name) => watch(Array.prototype, name, look)),
    ...mapMethods.flatMap((name) => [watch(Map.prototype, name, look), watch(Set.prototype, name, look)]),
  ];
  try {
    await work();
  } finally {
    for (const step of undo) step();
  }
  return largest;
}

type Seen = { readonly length: number } | { readonly size: number };
type Method = (this: unknown, ...values: unknown[]) => unknown;

/** Tells `look` on what a method is called. Returns how to undo it. */
function watch(prototype: object, name: string | symbol, look: (self: Seen) => void): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const method = descriptor?.value as Method;
  const watched: Method = function (...values) {
    look(this as Seen);
    return method.apply(this, values);
  };
  Object.defineProperty(prototype, name, { ...descriptor, value: watched });
  return () => void Object.defineProperty(prototype, name, descriptor ?? {});
}
