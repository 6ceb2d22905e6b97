import { fieldOf, fullMask, type FieldMatch, type FieldName, type Match } from '../model/match.js';

/** Whether `outer` matches whatever `inner` does: a loose delete or modify of `outer` concerns a flow with `inner` (OpenFlow 1.3, section 6.4). */
export function covers(outer: Match, inner: Match): boolean {
  for (const [name, wide] of outer) {
    const narrow = inner.get(name);
    if (!narrow || !fieldCovers(name, wide, narrow)) return false;
  }
  return true;
}

/** Whether a packet has the field, with a value that is asked for. */
export function fits(bits: bigint | undefined, { value, mask, high }: FieldMatch): boolean {
  if (bits === undefined) return false;
  return high === undefined ? (bits & mask) === value : bits >= value && bits <= high;
}

/** Whether some packet could match both. */
export function overlap(a: Match, b: Match): boolean {
  for (const [name, one] of a) {
    const other = b.get(name);
    if (other && !fieldsMeet(name, one, other)) return false;
  }
  return true;
}

function fieldCovers(name: FieldName, wide: FieldMatch, narrow: FieldMatch): boolean {
  const low = narrow.value;
  const high = highest(name, narrow);
  if (wide.high !== undefined) return low >= wide.value && high <= wide.high;
  if ((low & wide.mask) !== wide.value) return false;
  // Of a range, every bit from the highest in which its ends differ takes both values.
  const fixed = low === narrow.high || narrow.high === undefined ? narrow.mask : ~fullMask((low ^ high).toString(2).length);
  return (wide.mask & ~fixed) === 0n;
}

function fieldsMeet(name: FieldName, a: FieldMatch, b: FieldMatch): boolean {
  if (a.high === undefined && b.high === undefined) return ((a.value ^ b.value) & a.mask & b.mask) === 0n;
  if (a.high === undefined) return fieldsMeet(name, b, a);
  if (b.high !== undefined) return a.value <= b.high && b.value <= a.high;
  return prefixesOf(name, a.value, a.high).some((prefix) => fieldsMeet(name, prefix, b));
}

const highest = (name: FieldName, { value, mask, high }: FieldMatch): bigint => high ?? value | (widthMask(name) & ~mask);

const widthMask = (name: FieldName): bigint => fullMask(fieldOf(name).spec.bits);

/** The fewest prefixes that together are the range: at most two for each bit. */
function prefixesOf(name: FieldName, low: bigint, high: bigint): FieldMatch[] {
  const full = widthMask(name);
  const prefixes: FieldMatch[] = [];
  for (let at = low; at <= high;) {
    let free = 0n; // The bits that the prefix leaves open.
    while ((at & (free * 2n + 1n)) === 0n && (at | (free * 2n + 1n)) <= high && free < full) free = free * 2n + 1n;
    prefixes.push({ value: at, mask: full & ~free });
    at += free + 1n;
  }
  return prefixes;
}
