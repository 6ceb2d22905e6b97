import type { VswitchConfig } from '../config/schema.js';
import { buildLab, removeLab } from './lab.js';
import type { LabPlan } from './plan.js';
import { markOf } from '../process/marks.js';
import { writeState } from './state.js';
import { startSwitch, type Ready, type SwitchProcess } from './switch-process.js';

export interface RunningLab extends SwitchProcess {
  readonly plan: LabPlan;
}

/**
 * Builds a lab and starts its switch, which goes on when this process has ended, until removeLab.
 * @throws VswitchError LAB_FAILED; then nothing is left.
 */
export async function labUp(config: VswitchConfig, name: string, ready: Ready): Promise<RunningLab> {
  const plan = await buildLab(config, name);
  try {
    const started = await startSwitch(plan, config, ready);
    const owner = started.child.pid === undefined ? undefined : markOf(started.child.pid);
    if (owner) writeState(name, { owner });
    started.child.unref();
    return { ...started, plan };
  } catch (error) {
    await removeLab(name);
    throw error;
  }
}
