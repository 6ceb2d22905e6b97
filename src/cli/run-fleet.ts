import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustBeSound, readFleet } from '../fleet/directory.js';
import { fleetDown } from '../fleet/down.js';
import { Fleet, mustNotRun } from '../fleet/fleet.js';
import type { FleetPlan } from '../fleet/plan.js';
import { fleetHome, fleetLog, readFleetState, removeFleetHome } from '../fleet/state.js';
import { VswitchError } from '../model/errors.js';
import { program } from '../process/program.js';
import { freeHugepageMib } from '../switch/eal-arguments.js';
import { ExitCode, explain, type Io } from './io.js';
import { labApi } from './lab-api.js';

interface UpOptions {
  readonly detach: boolean;
  readonly keepGoing: boolean;
}

export async function checkFleet(directory: string, json: boolean, io: Io): Promise<void> {
  const plan = await readFleet(directory);
  mustBeSound(plan, directory);
  const files = plan.members.map(({ file }) => file);
  io.out(json ? JSON.stringify({ directory, files, faults: [] }) : `${directory}: ${counted(files.length)}, no faults`);
}

/** Runs until SIGINT or SIGTERM; a second signal ends the supervisor at once, and leaves its instances to `fleet down`. */
export async function upFleet(directory: string, { detach, keepGoing }: UpOptions, io: Io): Promise<void> {
  const plan = await readFleet(directory);
  if (!keepGoing) mustBeSound(plan, directory);
  else if (plan.faults.length > 0) io.err(explain(new VswitchError('CONFIG_INVALID', `${directory}: left out`, plan.faults)));
  mustNotRun(directory);
  sayMemory(plan, io);
  if (detach) return runDetached(directory, keepGoing, io);
  const stop = firstSignal();
  const fleet = await Fleet.start(directory, plan.members, {
    ready: (socket) => labApi(socket).healthy(),
    say: (text) => io.out(text),
    keepGoing,
    signal: stop.signal,
  });
  if (!stop.signal.aborted) io.out(`the fleet of ${directory} runs: ${counted(plan.members.length)}`);
  await stop.promise;
  await fleet.stop();
  removeFleetHome(directory);
  io.out(`the fleet of ${directory} has ended`);
}

export async function downFleet(directory: string, io: Io): Promise<void> {
  const count = await fleetDown(directory);
  io.out(count === undefined ? `no fleet of ${directory} runs here` : `the fleet of ${directory} has ended: ${counted(count)}`);
}

const counted = (count: number): string => (count === 1 ? '1 instance' : `${count} instances`);

function sayMemory({ members }: FleetPlan, io: Io): void {
  const wanted = members.reduce((sum, { hugepageMib }) => sum + hugepageMib, 0);
  const free = freeHugepageMib(readFileSync('/proc/meminfo', 'utf8'));
  if (wanted > free)
    io.err(`vswitch: ${wanted} MiB of hugepages are asked for and ${free} are free: the last ones get ordinary pages, or none`);
}

/** The same command again as a process of its own; returns when it runs. */
async function runDetached(directory: string, keepGoing: boolean, io: Io): Promise<void> {
  mkdirSync(fleetHome(directory), { recursive: true, mode: 0o755 });
  const log = openSync(fleetLog(directory), 'w');
  const argv = [program, 'fleet', 'up', directory, ...(keepGoing ? ['--keep-going'] : [])];
  const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  for (;;) {
    const code = await Promise.race([ended, sleep(50)]);
    const said = readFileSync(fleetLog(directory), 'utf8').trimEnd();
    if (code !== undefined) {
      io.err(said);
      throw new ExitCode(code ?? 70);
    }
    if (readFleetState(directory)?.isStarted === true) {
      io.out(said);
      return;
    }
  }
}

function firstSignal(): { readonly signal: AbortSignal; readonly promise: Promise<void> } {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
        controller.abort();
        resolve();
      });
    }
  });
  return { signal: controller.signal, promise };
}
