import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './scope.js';

const prefix = 'vswitch-bench-';

/** A directory for all files of this run; `scope` removes it. What killed runs left behind is removed now. */
export async function makeRunDirectory(scope: Scope): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = pidOf(name);
    if (pid !== undefined && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  scope.defer(() => rm(directory, { recursive: true }));
  return directory;
}

/** The process that made a run's directory, by its name; undefined for any other directory. */
export function pidOf(name: string): number | undefined {
  const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
