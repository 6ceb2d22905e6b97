/**
 * The order of process starts: every subject once a round, every other round backwards, so that a machine that grows slower or
 * faster during the run favours nobody.
 */
export const interleave = <T>(subjects: readonly T[], rounds: number): T[] =>
  Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? subjects : subjects.toReversed())).flat();
