import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled } from '../support/install.js';
import { startService, until } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { RunningSubject, Subject, Wiring, Workload } from '../subject.js';
import { countStatistics, parsePortTxPackets } from './testpmd-output.js';
import { vdev } from './vdevs.js';

const daemon = '/usr/bin/dpdk-testpmd';
/** Ports are numbered in the order of the --vdev arguments. */
const sinkPort = 1;

/**
 * DPDK's testpmd, forwarding whatever comes, with its MACs swapped or not even that: what the devices themselves cost, and the floor
 * for any switch. Of several sources it has the first.
 */
const testpmdIn = (mode: 'macswap' | 'io'): Subject => ({
  name: `testpmd-${mode}`,
  hasRules: false,
  prepare: () => ensureInstalled([daemon], ['dpdk', 'dpdk-dev', 'librte-net-pcap23', 'librte-net-null23']),
  start: (workload, wiring, scope) => start(mode, workload, wiring, scope),
});

export const testpmd = testpmdIn('macswap');
export const testpmdIo = testpmdIn('io');

async function start(mode: string, workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject> {
  const dir = await mkdtemp(join(workload.directory, 'testpmd-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const source = workload.ports.find(({ capture }) => capture !== undefined);
  if (!source) throw new Error('testpmd: the workload has no source');
  const cores = [workload.housekeepingCore, ...workload.workerCores];
  const eal = ['-l', cores.join(), '--main-lcore', String(workload.housekeepingCore)];
  const process = startService(
    'stdbuf', // a line at a time, though it writes to a pipe
    [
      ...['--output=L', daemon, ...eal, '--in-memory', '--no-pci', '--no-telemetry', '-m', String(workload.memoryMib)],
      ...['--vdev', vdev(source, 0, wiring), '--vdev', vdev({ name: 'sink' }, 1, wiring)],
      ...['--', '--interactive', `--forward-mode=${mode}`, '--nb-cores=1', '--no-mlockall'],
      `--total-num-mbufs=${workload.frames + 32_768}`,
    ],
    { scope, env: { RUNTIME_DIRECTORY: dir } },
  );
  await until('testpmd', process, () => (process.output().includes('testpmd> ') ? true : undefined));
  process.tell('start');
  const sentPackets = async (): Promise<bigint> => {
    const seen = countStatistics(process.output());
    process.tell(`show port stats ${sinkPort}`);
    return until('testpmd statistics', process, () =>
      countStatistics(process.output()) > seen ? parsePortTxPackets(process.output()) : undefined,
    );
  };
  return { pid: process.pid, installMs: 0, sentPackets, tscHz: async () => undefined, settle: async () => undefined };
}
