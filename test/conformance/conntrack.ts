import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tally } from './tally.js';

export const hasOpenVSwitchDaemon = existsSync('/usr/sbin/ovs-vswitchd');

interface TallyText {
  readonly passed: number;
  readonly wrong: readonly string[];
  readonly unsupported: readonly (readonly [string, number])[];
  readonly known: readonly (readonly [string, number])[];
}

/** Connections of generated dialogues beside those of an Open vSwitch, with and without a check of TCP's windows. */
export const besideOpenVSwitch = (seeds: readonly number[], reference: boolean): Promise<Tally> =>
  // The reference has no windows.
  inProcesses(reference ? ['open-vswitch-reference'] : ['open-vswitch', 'open-vswitch-windows'], seeds);

/** The same beside a router with nftables. */
export const besideNftables = (seeds: readonly number[]): Promise<Tally> => inProcesses(['nftables'], seeds);

async function inProcesses(ways: readonly string[], seeds: readonly number[]): Promise<Tally> {
  const tally = new Tally();
  for (const way of ways) {
    const argv = ['--import=tsx', join(import.meta.dirname, 'conntrack-process.ts'), way, ...seeds.map(String)];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1 << 28 });
    const { passed, wrong, unsupported, known } = JSON.parse(stdout.trim().split('\n').at(-1)!) as TallyText;
    const part = new Tally();
    part.passed = passed;
    part.wrong.push(...wrong.map((text) => `${way}: ${text}`));
    for (const [what, count] of unsupported) part.unsupported.set(what, count);
    for (const [what, count] of known) part.known.set(what, count);
    tally.add(part);
  }
  return tally;
}

/** @param text `7`, `1-20` or several of them with commas. */
export const seedsOf = (text: string): number[] =>
  text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    if (first === undefined || last === undefined || !Number.isInteger(first) || !(last >= first))
      throw new TypeError(`${part} is no seed and no range of seeds; write 1-20`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
