import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultSocket } from '../api/socket-path.js';
import type { VswitchConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import { program } from '../process/program.js';
import { start } from './command.js';
import { inside, type LabPlan } from './plan.js';
import { labConfigFile, labLedgerFile, labLogFile } from './state.js';

const startLimitMs = 20_000;

/** The lab's switch as a process in its namespace. */
export interface SwitchProcess {
  readonly socket: string;
  readonly child: ChildProcess;
}

/** Asks the switch on a socket whether it answers. */
export type Ready = (socket: string) => Promise<boolean>;

/**
 * Starts the switch of a lab. Its name is the lab's, so that labs side by side have sockets of their own.
 * @throws VswitchError LAB_FAILED with the end of its log where it ends or does not answer in time.
 */
export async function startSwitch(plan: LabPlan, config: VswitchConfig, ready: Ready): Promise<SwitchProcess> {
  const socket = defaultSocket(plan.name);
  writeFileSync(labConfigFile(plan.name), JSON.stringify(labConfig(config, plan.name)));
  const log = openSync(labLogFile(plan.name), 'a');
  const argv = inside(plan.switchNamespace, process.execPath, program, 'run', labConfigFile(plan.name));
  const child = start(argv, log);
  closeSync(log);
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    if (await ready(socket)) return { socket, child };
    await sleep(50);
  }
  const text = readFileSync(labLogFile(plan.name), 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  throw new VswitchError('LAB_FAILED', `the switch did not start; the end of its log:\n${text}`);
}

/** A config as one lab of many runs it. */
export function labConfig(config: VswitchConfig, name: string): VswitchConfig {
  const { api, accounting, ...rest } = config;
  const { ledger } = accounting ?? {};
  return {
    ...rest,
    name,
    accounting: { ledger: ledger === false ? false : { ...ledger, path: labLedgerFile(name) } },
    ...(api?.tcp === undefined ? {} : { api: { tcp: api.tcp } }),
  };
}
