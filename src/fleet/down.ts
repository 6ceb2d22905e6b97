import { rmSync } from 'node:fs';
import { endAll, isAlive } from '../process/marks.js';
import { readFleetState, removeFleetHome } from './state.js';

/** The supervisor waits for its instances, each of which has 2.5 s. */
const graceMs = 5000;

/** Ends the fleet of a directory, also one whose supervisor was killed. Says how many instances ran; undefined: there is no such fleet. */
export async function fleetDown(directory: string): Promise<number | undefined> {
  const state = readFleetState(directory);
  if (!state) {
    // The logs of one that did not start.
    removeFleetHome(directory);
    return undefined;
  }
  const processes = state.members.flatMap((member) => member.process ?? []).filter(isAlive);
  await endAll([state.supervisor], graceMs);
  // Those that its supervisor did not end, or that it started since.
  const left = [state, readFleetState(directory)].flatMap((now) => now?.members.flatMap((member) => member.process ?? []) ?? []);
  await endAll(left, graceMs);
  // An instance that was killed leaves its socket.
  if (left.length > 0) for (const { socket } of state.members) rmSync(socket, { force: true });
  removeFleetHome(directory);
  return processes.length;
}
