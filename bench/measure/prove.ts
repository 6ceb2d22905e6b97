import type { Alternatives } from './expect.js';

/** Bytes of a sent frame that a switch may choose: `[first, after the last]`. */
export type FreeBytes = readonly (readonly [number, number])[];

/**
 * Why what was `sent` (each `PORT HEX`) is not what the rules make of frames that repeat for ever: undefined where each is one of those
 * expected, and for every frame one of its alternatives was sent.
 */
export function forwardingFault(
  expected: readonly Alternatives[],
  sent: readonly string[],
  free: FreeBytes = [],
): string | undefined {
  const masked = expected.map((set) => new Set([...set].map((text) => blank(text, free))));
  const wanted = new Set(masked.flatMap((set) => [...set]));
  if (wanted.size === 0) return 'the rules send none of the frames: there is nothing to prove';
  const seen = new Set<string>();
  for (const text of sent) {
    const output = blank(text, free);
    if (!wanted.has(output)) return `sent what the rules make of no frame: ${text}`;
    seen.add(output);
  }
  const must = masked.filter(({ size }) => size > 0);
  const missing = must.filter((set) => ![...set].some((output) => seen.has(output))).length;
  return missing > 0 ? `of ${must.length} different frames ${missing} were not sent` : undefined;
}

/** `PORT HEX` with the free bytes as dots. */
function blank(output: string, free: FreeBytes): string {
  if (free.length === 0) return output;
  const at = output.indexOf(' ') + 1;
  const hex = output.slice(at);
  const bytes = free.reduce(
    (text, [from, to]) => text.slice(0, from * 2) + '.'.repeat((to - from) * 2) + text.slice(to * 2),
    hex,
  );
  return output.slice(0, at) + bytes;
}
