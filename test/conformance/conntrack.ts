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
export async function conntrackTally(seeds: readonly number[], reference: boolean): Promise<Tally> {
  const tally = new Tally();
  // The reference has no windows.
  for (const windows of reference ? ['none'] : ['none', 'windows']) {
    const argv = ['--import=tsx', join(import.meta.dirname, 'conntrack-process.ts'), windows, reference ? 'reference' : 'native'];
    const { stdout } = await promisify(execFile)(process.execPath, [...argv, ...seeds.map(String)], { maxBuffer: 1 << 28 });
    const { passed, wrong, unsupported, known } = JSON.parse(stdout.trim().split('\n').at(-1)!) as TallyText;
    const part = new Tally();
    part.passed = passed;
    part.wrong.push(...wrong.map((text) => `${windows === 'windows' ? 'with windows, ' : ''}${text}`));
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
