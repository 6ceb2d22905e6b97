import type { DropReason } from '../../../src/model/drop.js';
import type { Departure } from '../reference/state.js';
import type { Fate } from './compare.js';
import { firstBufferBytes, headroomBytes } from './pools.js';

/** What the packet was, and by how many bytes of headers it became longer. */
interface Size {
  readonly bytes: number;
  readonly grown: number;
}

interface Judged {
  readonly reason: string;
  holds(native: Fate, reference: Fate, size: Size): boolean;
}

/** Differences that were judged: what only the native data plane can know, or what is right where it is wrong. */
const judged: readonly Judged[] = [
  {
    reason: 'a null device takes no packet of several buffers: each such output is lost as too_many_segments',
    holds: (native, reference) => {
      const lost = native.drops.filter((drop) => drop === 'too_many_segments').length;
      const drops = native.drops.filter((drop) => drop !== 'too_many_segments');
      return (
        lost > 0 &&
        reference.out.length - native.out.length === lost &&
        isWithout(native.out, reference.out, (output) => output.length / 2 > firstBufferBytes) &&
        same(native.steps, reference.steps) &&
        same(drops, reference.drops)
      );
    },
  },
  {
    reason: 'a header that does not lie in the first buffer is not read: header_split',
    holds: (native, reference, { bytes }) =>
      native.drops.includes('header_split') &&
      bytes > firstBufferBytes &&
      same(native.steps, reference.steps.slice(0, native.steps.length)) &&
      isWithout(native.out, reference.out, () => true),
  },
  {
    reason:
      'WRONG: a header of the packet in a tunnel that does not lie in the first buffer is malformed_header (action/decap.cc, unwrap)',
    holds: (native, reference, { bytes }) =>
      native.drops.includes('malformed_header') &&
      bytes > firstBufferBytes &&
      same(native.steps, reference.steps.slice(0, native.steps.length)) &&
      isWithout(native.out, reference.out, () => true),
  },
  {
    reason: 'a buffer has room for 128 bytes of headers before the packet: no_headroom',
    holds: (native, reference, { grown }) =>
      native.drops.includes('no_headroom') &&
      grown > headroomBytes &&
      same(native.steps, reference.steps.slice(0, native.steps.length)) &&
      isWithout(native.out, reference.out, () => true),
  },
];

/** Where the native data plane is wrong; what is mended there goes here. */
interface Wrong {
  readonly reason: string;
  /** What the reference does as wrongly. */
  readonly departs: readonly Departure[];
  /** A reason of drops that is not looked at. */
  readonly forgives?: DropReason;
}

const wrong: readonly Wrong[] = [];

/** Each alone, then all together. */
export const departures: readonly Wrong[] = [
  ...wrong,
  { reason: 'WRONG: several of these', departs: wrong.flatMap(({ departs }) => departs), forgives: 'no_live_bucket' },
];

export const forgiven = (fate: Fate, drop: DropReason | undefined): Fate => ({
  ...fate,
  drops: fate.drops.filter((one) => one !== drop),
});

const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

/** Whether `some` are `all` in their order, but for some that `may` be missing. */
function isWithout(some: readonly string[], all: readonly string[], may: (missing: string) => boolean): boolean {
  let at = 0;
  for (const one of all) {
    if (some[at] === one) ++at;
    else if (!may(one)) return false;
  }
  return at === some.length;
}

export const knownDifference = (native: Fate, reference: Fate, size: Size): string | undefined =>
  judged.find(({ holds }) => holds(native, reference, size))?.reason;

/** So many rules fit into any table (native/table/table.h). */
const alwaysBounded = 64;

/** Why the native data plane alone refuses a transaction. @param mostRules that a table has after it. */
export function nativeLimit({ code }: { readonly code: string }, mostRules: number): string | undefined {
  if (code === 'TABLE_UNBOUNDED' && mostRules > alwaysBounded)
    return 'only the native data plane knows whether it can bound the look-ups of a table';
  return undefined;
}
