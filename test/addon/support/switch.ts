import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ealArguments, workerLcores } from '../../../src/switch/eal-arguments.js';
import type { NativePortSpec, NativeStartOptions } from '../../../src/switch/native.js';
import { cycleShares } from '../../../src/switch/cycle-shares.js';
import { conntrackOptions } from '../../../src/switch/options.js';

const core = availableParallelism() - 1;

/** A small switch without hugepages, so that it starts anywhere. */
export const startOptions = (overrides: Partial<NativeStartOptions> = {}): NativeStartOptions => ({
  ealArguments: ealArguments({
    cores: [core],
    onlineCores: Array.from({ length: core + 1 }, (_, i) => i),
    hugepages: false,
    mib: 64,
    filePrefix: `addon-test-${process.pid}`,
  }),
  workerLcores: workerLcores([core]),
  maxSleepUs: 100,
  mbufs: 1023,
  mbufDataBytes: 2048,
  maxRules: 16,
  maxGroups: 8,
  maxMeters: 8,
  masksPerTable: 4,
  tableMib: 16,
  conntrack: conntrackOptions({}),
  cycleShares: cycleShares({}),
  ...overrides,
});

/** A port that makes packets of zeros (`receives`) and takes any. */
export const nullPort = (number: number, receives = true): NativePortSpec => ({
  number,
  name: `p${number}`,
  slot: 0,
  devargs: `net_null${number}${receives ? '' : ',no-rx=1'}`,
  rxQueues: 1,
  rxDescriptors: 256,
  txDescriptors: 256,
  mtu: 0,
  mac: '',
  gateways: new Uint8Array(),
  repliesPerSecond: 0,
});

/** Resolves once `condition` holds; rejects after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error('the condition did not come true');
}
