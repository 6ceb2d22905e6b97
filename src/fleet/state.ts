import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { socketDirectory } from '../api/socket-path.js';
import { isAlive, type ProcessMark } from '../process/marks.js';

/**
 * `starting`: does not answer yet. `up`: answered. `waiting`: ended, and is started again after a while. `stopped`: ended by itself
 * without a failure, or was asked to.
 */
export type MemberState = 'starting' | 'up' | 'waiting' | 'stopped';

export interface MemberRecord {
  readonly name: string;
  readonly file: string;
  readonly socket: string;
  readonly state: MemberState;
  /** While it runs. */
  readonly process?: ProcessMark;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly restarts: number;
  /** How it ended the last time. */
  readonly lastEnd?: string;
}

/** What is known of a fleet; in a file, so that other commands find it, and a crash does not lose it. */
export interface FleetState {
  readonly directory: string;
  readonly supervisor: ProcessMark;
  /** All of them answered once, or were tried. */
  readonly isStarted: boolean;
  readonly members: readonly MemberRecord[];
}

const home = (): string => join(dirname(socketDirectory()), 'mts-vswitch-fleet');

/** The same for every way to write a directory's path. */
const canonical = (directory: string): string => {
  try {
    return realpathSync(directory);
  } catch {
    return resolve(directory);
  }
};

/** Where a fleet has its state and logs. */
export function fleetHome(directory: string): string {
  const path = canonical(directory);
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(home(), `${basename(path)}-${digest}`);
}

export const memberLog = (directory: string, name: string): string => join(fleetHome(directory), `${name}.log`);
export const fleetLog = (directory: string): string => join(fleetHome(directory), 'fleet.log');

export function writeFleet(state: FleetState): void {
  const at = fleetHome(state.directory);
  mkdirSync(at, { recursive: true, mode: 0o755 });
  const next = join(at, 'state.json.next');
  writeFileSync(next, JSON.stringify({ ...state, directory: canonical(state.directory) }));
  renameSync(next, join(at, 'state.json'));
}

export const readFleetState = (directory: string): FleetState | undefined => readStateIn(fleetHome(directory));

function readStateIn(at: string): FleetState | undefined {
  try {
    return JSON.parse(readFileSync(join(at, 'state.json'), 'utf8')) as FleetState;
  } catch {
    return undefined;
  }
}

/** Every fleet of this machine and user. */
export function allFleets(): FleetState[] {
  try {
    return readdirSync(home()).flatMap((name) => readStateIn(join(home(), name)) ?? []);
  } catch {
    return [];
  }
}

/** The logs stay, for who looks why it ended. */
export const removeFleetState = (directory: string): void => rmSync(join(fleetHome(directory), 'state.json'), { force: true });

export function removeFleetHome(directory: string): void {
  rmSync(fleetHome(directory), { recursive: true, force: true });
  try {
    rmdirSync(home());
  } catch {
    // Other fleets have their state there, or there never was any.
  }
}

/** Processes of a fleet that run: its supervisor first. */
export function fleetProcesses({ supervisor, members }: FleetState): ProcessMark[] {
  return [supervisor, ...members.flatMap((member) => member.process ?? [])].filter(isAlive);
}
