import { interpret } from './pipeline.js';
import type { Choice, Outcome, Program } from './state.js';

/** What became of a packet, and what was chosen for it on the way. */
export interface Alternative {
  readonly outcome: Outcome;
  readonly choices: readonly { readonly what: Choice; readonly index: number }[];
}

/** What OpenFlow lets a switch do with a packet, by each choice that it leaves open; at most so many. */
export function outcomesOf(program: Program, inPort: number, bytes: Uint8Array, most: number): Alternative[] {
  const found: Alternative[] = [];
  let next: readonly number[] | undefined = [];
  while (next && found.length < most) {
    const script: readonly number[] = next;
    const choices: { readonly what: Choice; readonly index: number; readonly options: number }[] = [];
    const pick = (options: number, what: Choice): number => {
      const index = script[choices.length] ?? 0;
      choices.push({ what, index, options });
      return index;
    };
    found.push({ outcome: interpret({ ...program, pick }, inPort, bytes), choices });
    // As an odometer goes on: the last choice that has another option takes it, and those behind it begin anew.
    const last = choices.findLastIndex(({ index, options }) => index + 1 < options);
    next = last < 0 ? undefined : choices.slice(0, last + 1).map(({ index }, i) => (i === last ? index + 1 : index));
  }
  return found;
}
