import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names a process's EAL among the others of a machine; without hugepages DPDK makes a run-time directory of this name. */
export const filePrefix = (name: string, pid: number): string => `mts-${name}-${pid}`;

/** Where DPDK keeps run-time directories (eal_filesystem.h). */
export function dpdkRuntimeDirectory(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string {
  return join(uid === 0 ? '/var/run' : (env['XDG_RUNTIME_DIR'] ?? '/tmp'), 'dpdk');
}

/** Removes the run-time directories that killed processes of this switch left, which are empty. Others are not touched. */
export function removeLeftovers(name: string, directory = dpdkRuntimeDirectory(), isAlive = processIsAlive): void {
  for (const entry of entriesOf(directory)) {
    const pid = Number(/-(\d+)$/.exec(entry)?.[1] ?? Number.NaN);
    if (entry !== filePrefix(name, pid) || isAlive(pid)) continue;
    try {
      rmdirSync(join(directory, entry));
    } catch {
      // Not empty, or gone already: not ours to force.
    }
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function processIsAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
