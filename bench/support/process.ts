import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Scope } from './scope.js';

const exec = promisify(execFile);
const startMs = 30_000;
const endMs = 5_000;

/** Runs a short command; its standard output. Throws with what it printed where it fails: compilers use standard output for it. */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  try {
    return (await exec(command, args, { env, encoding: 'utf8', maxBuffer: 16 * 2 ** 20 })).stdout;
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) error.message += `\n${String(error.stdout).slice(0, 4000)}`;
    throw error;
  }
}

/** A long-running child whose output is kept. */
export interface Service {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything that it printed so far. */
  output(): string;
  /** Writes a line to its standard input. */
  tell(line: string): void;
}

/**
 * Starts a child that `scope` ends: by SIGTERM, then SIGKILL. The kernel kills it (PR_SET_PDEATHSIG) where the bench itself is
 * killed, so nothing is left behind.
 */
export function startService(
  command: string,
  args: readonly string[],
  options: { readonly scope: Scope; readonly env?: NodeJS.ProcessEnv; readonly ownNetwork?: boolean },
): Service {
  // A network namespace of its own keeps a switch's tap interfaces out of the host, and ends with the process.
  const prefix = options.ownNetwork === true ? ['unshare', '--net', '--'] : [];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...prefix, command, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined); // it may end before it read all of it
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
  });
  options.scope.defer(async () => {
    if (child.pid === undefined || hasEnded(child)) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
    await gone;
    clearTimeout(timer);
  });
  // setpriv and unshare replace themselves by the command: the pid stays.
  return { pid: child.pid ?? -1, child, output: () => output, tell: (line) => void child.stdin.write(line + '\n') };
}

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** For `until`: true where it was done, undefined where it failed. */
export const succeeds = (done: Promise<unknown>): Promise<true | undefined> =>
  done.then(
    () => true,
    () => undefined,
  );

/** Polls until `probe` gives something; throws with the service's output where that takes too long or the service ends. */
export async function until<T>(what: string, service: Service, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    const ended = service.pid < 0 || hasEnded(service.child);
    if (ended || performance.now() > deadline)
      throw new Error(
        `${what}: ${ended ? 'the process ended' : `not after ${startMs / 1000} s`}\n${service.output().slice(-4000)}`,
      );
    await sleep(20);
  }
}
