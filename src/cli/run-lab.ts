import type { UsageView } from '../api/schemas/usage.js';
import { checkFile } from '../flow/check-file.js';
import { checkLine, runDemo, type DemoResult } from '../lab/demo.js';
import type { Check } from '../lab/checks.js';
import { labNamespaces, removeLab, requireLab } from '../lab/lab.js';
import { addressOf } from '../lab/traffic.js';
import { labUp } from '../lab/up.js';
import { ExitCode, type Io } from './io.js';
import { labApi } from './lab-api.js';
import { renderUsage } from './view/usage-view.js';

interface LabOptions {
  readonly lab: string;
  readonly config: string;
}

export async function upLab({ lab, config }: LabOptions, io: Io): Promise<void> {
  requireLab(lab);
  const { socket, plan } = await labUp(await checkFile(config), lab, (path) => labApi(path).healthy());
  const [vm] = plan.vms;
  io.out(`the lab ${lab} is up; its switch answers on ${socket}`);
  io.out(`  machines: ${[plan.uplinkHost, ...plan.vms].map(({ namespace }) => namespace).join(', ')}`);
  if (vm) io.out(`  a command in one: ip netns exec ${vm.namespace} ping -c 3 ${addressOf(plan.uplinkHost)}`);
  io.out(`  the switch: vswitch --socket ${socket} top`);
  io.out(`  the end: vswitch lab down --lab ${lab}`);
}

export async function downLab(lab: string, io: Io): Promise<void> {
  requireLab(lab);
  const existed = labNamespaces(lab).length > 0;
  await removeLab(lab);
  io.out(existed ? `the lab ${lab} is removed` : `there is no lab ${lab}`);
}

/** @throws ExitCode 1 where a check failed; 130 where it was stopped before all were made. */
export async function demoLab({ lab, config, forMs }: LabOptions & { readonly forMs: number }, io: Io): Promise<void> {
  requireLab(lab);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const { interactive } = io.terminal;
  let last: UsageView | undefined;
  let first = true;
  const show = (usage: UsageView, checks: readonly Check[]): void => {
    last = usage;
    io.out(interactive ? picture(usage, checks, io, first) : `\n${renderUsage(usage, { width: 120, colour: false })}\n`);
    first = false;
  };
  try {
    const result = await runDemo({
      name: lab,
      config: await checkFile(config),
      forMs,
      stop: stopping.signal,
      api: labApi,
      // On a terminal the live view has the checks.
      say: (line) => (interactive && !first ? undefined : io.out(line)),
      show,
      showIntervalMs: interactive ? 1000 : 5000,
    });
    sumUp(result, last, io);
  } catch (error) {
    if (stopping.signal.aborted) throw new ExitCode(130);
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop);
  }
}

function sumUp({ checks, complete }: DemoResult, usage: UsageView | undefined, io: Io): void {
  if (usage && io.terminal.interactive) io.out('\n' + renderUsage(usage, { width: io.terminal.columns, colour: true }));
  io.out(`\nWhat was sent`);
  for (const check of checks) io.out(checkLine(check));
  const failed = checks.filter(({ ok }) => !ok).length;
  io.out(`${checks.length - failed} checks passed, ${failed} failed`);
  if (failed > 0) throw new ExitCode(1);
  if (!complete) throw new ExitCode(130);
}

/** Covers the picture before it. */
function picture(usage: UsageView, checks: readonly Check[], { terminal }: Io, first: boolean): string {
  const { columns: width, rows } = terminal;
  const view = renderUsage(usage, { width, colour: true });
  const lines = [...view.split('\n'), '', ...checks.map((check) => checkLine(check).slice(0, width)), '', 'Ctrl-C ends it'];
  const clear = first ? '\u001b[2J' : '';
  return (
    clear +
    '\u001b[H' +
    lines
      .slice(0, rows - 1)
      .map((line) => line + '\u001b[K')
      .join('\n') +
    '\u001b[J'
  );
}
