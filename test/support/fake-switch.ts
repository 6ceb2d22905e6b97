import { Switch } from '../../src/switch/switch.js';
import { cycleShares } from '../../src/switch/cycle-shares.js';
import { conntrackOptions } from '../../src/switch/options.js';
import { FakeNative, type FakeSwitch } from './fake-native.js';

/** A started Switch on the fake addon, and the fake behind it. */
export async function startFakeSwitch(
  addon = new FakeNative(),
): Promise<{ dataPlane: Switch; native: FakeSwitch; addon: FakeNative }> {
  const dataPlane = await Switch.start(addon, {
    name: 'test',
    cores: [0],
    maxSleepUs: 250,
    hugepages: 'never',
    mib: 64,
    mbufs: 1023,
    mbufDataBytes: 2176,
    maxRules: 65_536,
    maxGroups: 16_384,
    maxMeters: 65_536,
    masksPerTable: 32,
    tableMib: 256,
    conntrack: conntrackOptions({}),
    cycleShares: cycleShares({}),
  });
  return { dataPlane, native: addon.only, addon };
}
