import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process by its number and the time of its start, so that another one of the same number is not taken for it. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: string;
}

/** The mark of a process that runs now; undefined where none does, or it is a zombie. */
export function markOf(pid: number): ProcessMark | undefined {
  try {
    // proc(5): the name in parentheses may hold anything; the state is field 3, the start field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state] = fields;
    const startTicks = fields[19];
    return state === 'Z' || state === 'X' || startTicks === undefined ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
}

export const isAlive = (mark: ProcessMark): boolean => markOf(mark.pid)?.startTicks === mark.startTicks;

/** Asks processes to end, and ends those that have not after `graceMs`. Resolves when none is left. */
export async function endAll(marks: readonly ProcessMark[], graceMs: number): Promise<void> {
  for (const mark of marks) signal(mark, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (marks.some(isAlive) && performance.now() < deadline) await sleep(20);
  for (const mark of marks) signal(mark, 'SIGKILL');
  while (marks.some(isAlive)) await sleep(20);
}

function signal(mark: ProcessMark, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (isAlive(mark)) process.kill(mark.pid, name);
  } catch {
    // It ended in between.
  }
}
