import { availableParallelism } from 'node:os';
import { cycleShares } from '../../src/switch/cycle-shares.js';
import { conntrackOptions } from '../../src/switch/options.js';
import type { SwitchOptions } from '../../src/switch/switch.js';

/** A small switch on the last core, without hugepages, so that it starts anywhere. */
export const smallSwitch = (name: string, more: Partial<SwitchOptions> = {}): SwitchOptions => ({
  name,
  cores: [availableParallelism() - 1],
  maxSleepUs: 0,
  hugepages: 'never',
  mib: 64,
  mbufs: 4095,
  mbufDataBytes: 2176,
  maxRules: 16,
  maxGroups: 8,
  maxMeters: 8,
  masksPerTable: 4,
  tableMib: 16,
  conntrack: conntrackOptions({}),
  cycleShares: cycleShares({}),
  ...more,
});
