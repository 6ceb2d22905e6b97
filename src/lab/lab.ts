import { readdirSync, rmSync } from 'node:fs';
import { defaultSocket } from '../api/socket-path.js';
import type { VswitchConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import { must, outcomeOf } from './command.js';
import { planLab, type LabPlan } from './plan.js';
import { endAll, isAlive, markOf, type ProcessMark } from '../process/marks.js';
import { readState, removeState, writeState } from './state.js';

/** Namespace names, and the instance's, begin with it. */
const namePattern = /^[a-z][a-z0-9]{0,14}$/;
/** The switch has 2 s to end; after it, nobody asks. */
const graceMs = 2500;

/** @throws VswitchError LAB_FAILED where this process may not build a lab, or `name` is none. */
export function requireLab(name: string): void {
  if (!namePattern.test(name)) {
    const message = 'a lab is named by 1 to 15 lower-case letters and digits, beginning with a letter';
    throw new VswitchError('LAB_FAILED', message, [{ pointer: '/lab', value: name, message, remedy: 'for example lab2' }]);
  }
  if (process.getuid?.() !== 0) {
    const message = 'network namespaces and packet sockets need root';
    throw new VswitchError('LAB_FAILED', message, [{ pointer: '', message, remedy: 'run the same command with sudo' }]);
  }
}

/**
 * Builds the lab of a config; what a crashed lab of that name left is removed first. A failure leaves nothing.
 * @throws VswitchError LAB_FAILED; also where a lab of that name is in use.
 */
export async function buildLab(config: VswitchConfig, name: string): Promise<LabPlan> {
  requireLab(name);
  const plan = planLab(config, name);
  const owner = readState(name)?.owner;
  if (owner && isAlive(owner)) {
    const message = `the lab ${name} is in use by process ${owner.pid}`;
    const remedy = `end it with \`vswitch lab down --lab ${name}\`, or give this one another name with --lab`;
    throw new VswitchError('LAB_FAILED', message, [{ pointer: '/lab', value: name, message, remedy }]);
  }
  await removeLab(name);
  const own = markOf(process.pid);
  if (own) writeState(name, { owner: own });
  try {
    for (const argv of plan.commands) await must(argv);
    return plan;
  } catch (error) {
    await removeLab(name);
    throw error;
  }
}

/** Ends the lab's processes and removes all that belongs to it. Without such a lab it does nothing. */
export async function removeLab(name: string): Promise<void> {
  const owner = readState(name)?.owner;
  if (owner && owner.pid !== process.pid) await endAll([owner], graceMs);
  const namespaces = labNamespaces(name);
  await endAll(await labProcesses(name), graceMs);
  for (const namespace of namespaces) await must(['ip', 'netns', 'delete', namespace]);
  // A switch that was killed leaves its socket.
  rmSync(defaultSocket(name), { force: true });
  removeState(name);
}

/** The namespaces of a lab that exist. */
export function labNamespaces(name: string): string[] {
  try {
    return readdirSync('/run/netns').filter((namespace) => namespace.startsWith(`${name}-`));
  } catch {
    return [];
  }
}

/** The processes in the namespaces of a lab: its switch, and what runs on its machines. */
export const labProcesses = async (name: string): Promise<ProcessMark[]> =>
  (await Promise.all(labNamespaces(name).map(processesIn))).flat();

async function processesIn(namespace: string): Promise<ProcessMark[]> {
  const { text } = await outcomeOf(['ip', 'netns', 'pids', namespace]);
  return text
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map((line) => markOf(Number(line)))
    .filter((mark) => mark !== undefined);
}
