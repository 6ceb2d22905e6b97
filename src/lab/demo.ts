import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageView } from '../api/schemas/usage.js';
import type { VswitchConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import { runChecks, type Check, type SwitchApi } from './checks.js';
import { buildLab, removeLab } from './lab.js';
import type { LabPlan } from './plan.js';
import { startSwitch, type SwitchProcess } from './switch-process.js';
import { startBackground, startWebServers } from './traffic.js';

export interface DemoOptions {
  readonly name: string;
  readonly config: VswitchConfig;
  /** From when the switch runs; the checks are finished in any case. Infinity: until `stop`. */
  readonly forMs: number;
  readonly stop: AbortSignal;
  readonly api: (socket: string) => SwitchApi & { healthy(): Promise<boolean> };
  readonly say: (line: string) => void;
  /** Shows the usage and, above or below it, the checks so far. */
  readonly show: (usage: UsageView, checks: readonly Check[]) => void;
  readonly showIntervalMs: number;
}

export interface DemoResult {
  readonly checks: readonly Check[];
  /** False where it was stopped before all checks were made. */
  readonly complete: boolean;
}

/**
 * Builds the lab, runs the switch in it, sends real packets, shows what happens, and removes everything, however it ends.
 * @throws VswitchError LAB_FAILED.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { config, name, say, stop } = options;
  say(`building the lab ${name}`);
  const plan = await buildLab(config, name);
  try {
    stop.throwIfAborted();
    return await demonstrate(plan, options);
  } finally {
    say('removing the lab');
    await removeLab(name);
  }
}

async function demonstrate(
  plan: LabPlan,
  { config, api, say, show, forMs, stop, showIntervalMs }: DemoOptions,
): Promise<DemoResult> {
  say(`starting the switch in the namespace ${plan.switchNamespace}`);
  const process = await startSwitch(plan, config, (socket) => api(socket).healthy());
  const endAt = performance.now() + forMs;
  const switchApi = api(process.socket);
  await startWebServers([plan.uplinkHost, ...plan.vms]);
  for (const vm of plan.vms) startBackground(plan.uplinkHost, vm);

  const checks: Check[] = [];
  let checking = true;
  let complete = false;
  const checked = (async () => {
    for await (const check of runChecks(plan, switchApi)) {
      if (stop.aborted) return;
      checks.push(check);
      say(checkLine(check));
    }
    complete = true;
  })().finally(() => (checking = false));
  // Awaited below; until then it must not end the process.
  checked.catch(() => undefined);

  const isOver = (): boolean => stop.aborted || (!checking && performance.now() >= endAt);
  while (!isOver()) {
    requireRunning(process);
    show(await switchApi.usage(), checks);
    await pause(Math.min(showIntervalMs, Math.max(100, endAt - performance.now())), stop);
  }
  await checked;
  requireRunning(process);
  show(await switchApi.usage(), checks);
  return { checks, complete };
}

export const checkLine = ({ ok, title, detail }: Check): string => `${ok ? 'ok    ' : 'not ok'} ${title} (${detail})`;

function requireRunning({ child }: SwitchProcess): void {
  if (child.exitCode === null && child.signalCode === null) return;
  throw new VswitchError('LAB_FAILED', `the switch ended by itself (${child.exitCode ?? child.signalCode ?? ''})`);
}

const pause = (ms: number, stop: AbortSignal): Promise<void> => sleep(ms, undefined, { signal: stop }).catch(() => undefined);
