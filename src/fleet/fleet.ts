import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { VswitchError } from '../model/errors.js';
import { markOf } from '../process/marks.js';
import { Instance, type InstanceDeps } from './instance.js';
import type { Member } from './plan.js';
import { fleetHome, fleetProcesses, memberLog, readFleetState, removeFleetState, writeFleet } from './state.js';

export interface FleetDeps extends Pick<InstanceDeps, 'ready' | 'say'> {
  /** An instance that does not start is tried again, and keeps no other from running. */
  readonly keepGoing: boolean;
  /** Ends the fleet, also while it starts. */
  readonly signal: AbortSignal;
}

/** The instances of a directory, under this process's eyes. */
export class Fleet {
  readonly #directory: string;
  readonly #deps: FleetDeps;
  readonly #instances: readonly Instance[];
  #isStarted = false;
  #isEnded = false;
  #stopping: Promise<void> | undefined;

  private constructor(directory: string, members: readonly Member[], deps: FleetDeps) {
    this.#directory = directory;
    this.#deps = deps;
    this.#instances = members.map((member) => {
      const log = memberLog(directory, member.name);
      rmSync(log, { force: true });
      return new Instance(member, { ready: deps.ready, say: deps.say, changed: () => this.#write(), log });
    });
  }

  /**
   * Starts the instances, as many at once as there are cores for the work.
   * @throws VswitchError FLEET_FAILED where one does not answer, with the end of its log; then none is left. Or where the fleet runs.
   */
  static async start(directory: string, members: readonly Member[], deps: FleetDeps): Promise<Fleet> {
    mustNotRun(directory);
    mkdirSync(fleetHome(directory), { recursive: true, mode: 0o755 });
    const fleet = new Fleet(directory, members, deps);
    fleet.#write();
    deps.signal.addEventListener('abort', () => void fleet.stop(), { once: true });
    await fleet.#startAll();
    return fleet;
  }

  /** Ends all of them at once, and waits; the logs stay. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    this.#isEnded = true;
    removeFleetState(this.#directory);
  }

  async #startAll(): Promise<void> {
    const { keepGoing, signal } = this.#deps;
    const left = [...this.#instances];
    const failed: Instance[] = [];
    const startNext = async (): Promise<void> => {
      for (let next = left.shift(); next && !signal.aborted; next = left.shift()) {
        if (!(await startFirst(next))) failed.push(next);
        if (failed.length > 0 && !keepGoing) return;
        next.keep();
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, startNext));
    const [first] = failed;
    if (first && !keepGoing && !signal.aborted) {
      await this.stop();
      const { name } = first.record;
      throw new VswitchError('FLEET_FAILED', `${name} did not start, so none runs; the end of its log:\n${first.lastWords()}`);
    }
    this.#isStarted = true;
    this.#write();
  }

  #write(): void {
    const supervisor = markOf(process.pid);
    if (!supervisor || this.#isEnded) return;
    const members = this.#instances.map(({ record }) => record);
    writeFleet({ directory: this.#directory, supervisor, isStarted: this.#isStarted, members });
  }
}

/**
 * A second process may do what the first could not: DPDK's packet sockets join a fanout group whose number is made of the process's
 * and the interface's, and two processes that start together may have the same.
 */
const startTries = 3;

async function startFirst(instance: Instance): Promise<boolean> {
  for (let tries = 0; tries < startTries; tries++) if (await instance.start()) return true;
  return false;
}

/** @throws VswitchError FLEET_FAILED where processes of the directory's fleet run. */
export function mustNotRun(directory: string): void {
  const state = readFleetState(directory);
  const [running] = state ? fleetProcesses(state) : [];
  if (!running) return;
  const message = `the fleet of ${directory} runs already, for example process ${running.pid}`;
  const remedy = `end it with \`vswitch fleet down ${directory}\``;
  throw new VswitchError('FLEET_FAILED', message, [{ pointer: '', value: directory, message, remedy }]);
}
