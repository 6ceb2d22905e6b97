import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { dataPath } from './data.js';

/** What random_diff_gen.py asks. */
export const hasOpenVSwitch =
  existsSync('/usr/sbin/ovs-vswitchd') && existsSync('/usr/lib/python3/dist-packages/ovs') && existsSync('/usr/bin/python3');

/** Table sets of a seed, judged by an Open vSwitch that is started for it and ended. */
export async function freshTables(seed: string, tables = 10, packets = 30): Promise<string[]> {
  const script = dataPath('random-tables', 'random_diff_gen.py');
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, seed, `${tables}`, `${packets}`], {
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return stdout.split('\n').filter((line) => line !== '');
}
