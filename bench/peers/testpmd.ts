import { ensureInstalled } from '../support/install.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startService, until } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { RunningSubject, Subject, Wiring, Workload } from '../subject.js';
import { countStatistics, parsePortTxPackets } from './testpmd-output.js';
import { vdevs } from './vdevs.js';

const daemon = '/usr/bin/dpdk-testpmd';
/** Ports are numbered in the order of the --vdev arguments. */
const sinkPort = 1;

/** DPDK's testpmd, forwarding whatever comes with its MACs swapped: what the devices themselves cost, and the floor for any switch. */
export const testpmd: Subject = {
  name: 'testpmd-macswap',
  rewritesByRule: false,
  prepare: () => ensureInstalled([daemon], ['dpdk', 'dpdk-dev', 'librte-net-pcap23', 'librte-net-null23']),
  start,
};

async function start(workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject> {
  const dir = await mkdtemp(join(workload.directory, 'testpmd-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const { source, sink } = vdevs(workload, wiring);
  const eal = ['-l', `${workload.housekeepingCore},${workload.workerCore}`, '--main-lcore', String(workload.housekeepingCore)];
  const process = startService(
    'stdbuf', // a line at a time, though it writes to a pipe
    [
      ...['--output=L', daemon],
      ...[
        ...eal,
        '--in-memory',
        '--no-pci',
        '--no-telemetry',
        '-m',
        String(workload.memoryMib),
        '--vdev',
        source,
        '--vdev',
        sink,
      ],
      ...['--', '--interactive', '--forward-mode=macswap', '--nb-cores=1', '--no-mlockall'],
      `--total-num-mbufs=${workload.flows + 32_768}`,
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
  return { pid: process.pid, sentPackets, tscHz: () => Promise.resolve(undefined) };
}
