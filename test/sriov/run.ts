/**
 * `npm run test:sriov`: the tests on an emulated SR-IOV NIC, with a time-out and a second attempt. Standard output is the report of
 * the attempt that counts; the suite is skipped, loudly, where QEMU or a kernel cannot be had.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from './support/apt.js';
import { machine } from './support/cache.js';
import { logsFolder } from './support/guest.js';

const limitS = 420;
const attempts = 2;
const say = (line: string): void => console.error(line);

const lacking = `What a real SR-IOV NIC would add to this:
  - its own checks of source addresses and VLAN tags (spoofchk): QEMU's igb stores the setting and checks nothing
  - a broadcast that does not come back to its sender, and multicast to a VF under DPDK
  - several receive queues by RSS: here all packets are in the first
  - speed: a translated processor forwards a few thousand packets a second through the kernel's drivers
  - its firmware's errors, resets and limits, and VMs with memory of their own behind the IOMMU`;

interface Attempt {
  readonly passed: boolean;
  readonly report: string;
}

function attempt(): Promise<Attempt> {
  const ava = ['node_modules/ava/entrypoints/cli.mjs', '--tap', '--fail-fast', 'test/sriov/**/*.test.ts'];
  // The second signal, since AVA's processes may not get to hear of the first.
  const args = ['--kill-after=10', String(limitS), process.execPath, ...ava];
  const child = spawn('timeout', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let report = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (report += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ passed: code === 0, report }));
  });
}

/** The end of everything that the guest logged. */
function showLogs(): void {
  for (const name of readdirSync(logsFolder).filter((file) => file.endsWith('.log'))) {
    const lines = readFileSync(join(logsFolder, name), 'utf8').trimEnd().split('\n');
    say(`-- ${join(logsFolder, name)}\n${lines.slice(-30).join('\n')}`);
  }
}

async function main(): Promise<number> {
  try {
    await machine(say);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    say(`!! SKIPPED sriov: ${error.message}`);
    console.log('# skip 1');
    return 0;
  }
  for (let i = 1; ; i++) {
    const { passed, report } = await attempt();
    if (!passed) showLogs();
    if (passed || i === attempts) {
      console.log(report);
      say(lacking);
      return passed ? 0 : 1;
    }
    say(`${report}\n!! sriov: attempt ${i} of ${attempts} failed; once more`);
  }
}

process.exitCode = await main();
