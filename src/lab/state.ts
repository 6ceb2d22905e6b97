import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessMark } from '../process/marks.js';

/** What is known of a lab beside its namespaces; in a file, so that a crash does not lose it. */
export interface LabState {
  /** While it lives, so does the lab: the demo, or the switch of `lab up`. */
  readonly owner: ProcessMark;
}

const home = '/run/mts-vswitch-lab';

export const labDirectory = (name: string): string => join(home, name);
const stateFile = (name: string): string => join(labDirectory(name), 'state.json');

/** The config as the lab's switch runs it: of the lab's name, and so on a socket of its own. */
export const labConfigFile = (name: string): string => join(labDirectory(name), 'config.json');
export const labLogFile = (name: string): string => join(labDirectory(name), 'vswitch.log');

/** Goes with the lab. */
export const labLedgerFile = (name: string): string => join(labDirectory(name), 'usage.ledger');

export function readState(name: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(name), 'utf8')) as LabState;
  } catch {
    return undefined;
  }
}

export function writeState(name: string, state: LabState): void {
  mkdirSync(labDirectory(name), { recursive: true, mode: 0o755 });
  writeFileSync(stateFile(name), JSON.stringify(state));
}

export function removeState(name: string): void {
  rmSync(labDirectory(name), { recursive: true, force: true });
  try {
    rmdirSync(dirname(labDirectory(name)));
  } catch {
    // Other labs have their state there, or there never was any.
  }
}
