import type { Bucket, Group } from '../../../src/model/group.js';
import type { Program } from './state.js';

/** OpenFlow 1.3.5, section 6.7: the indices of the buckets whose watched port or group is alive. */
export const liveBuckets = (program: Program, group: Group): number[] =>
  [...group.buckets.keys()].filter((i) => isAlive(program, group.buckets[i]!));

function isAlive(program: Program, { watchPort, watchGroup }: Bucket): boolean {
  if (watchPort !== undefined && (!program.ports.includes(watchPort) || program.down?.includes(watchPort))) return false;
  if (watchGroup === undefined) return true;
  const watched = program.groups.find(({ group }) => group === watchGroup);
  return watched !== undefined && liveBuckets(program, watched).length > 0;
}
