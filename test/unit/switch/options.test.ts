import test from 'ava';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { ctTimeouts } from '../../../src/model/conntrack.js';
import { cycleShares } from '../../../src/switch/cycle-shares.js';
import { conntrackOptions, switchOptions } from '../../../src/switch/options.js';

const least: VswitchConfig = { name: 'a', workers: { cores: [1] }, ports: {} };

test('what the config leaves out has the defaults of the schema', (t) => {
  t.deepEqual(switchOptions(least), {
    name: 'a',
    cores: [1],
    maxSleepUs: 10_000,
    hugepages: 'auto',
    mib: 64,
    mbufs: 16_383,
    mbufDataBytes: 2176,
    maxRules: 65_536,
    maxGroups: 16_384,
    maxMeters: 65_536,
    masksPerTable: 32,
    tableMib: 256,
    conntrack: conntrackOptions(least),
    cycleShares: cycleShares(least),
  });
});

test('polling is a sleep of nothing', (t) => {
  t.is(switchOptions({ ...least, workers: { cores: [1], idle: { mode: 'poll' } } }).maxSleepUs, 0);
  t.is(switchOptions({ ...least, workers: { cores: [1], idle: { mode: 'adaptive', maxSleepUs: 10 } } }).maxSleepUs, 10);
});

test('a packet buffer holds the largest frame of any port', (t) => {
  const ports: VswitchConfig['ports'] = { a: { type: 'null' }, b: { type: 'null', mtu: 9000 } };
  const bytes = switchOptions({ ...least, ports }).mbufDataBytes;
  t.true(bytes >= 9000 + 22 + 128 && bytes % 64 === 0);
});

test('connection tracking has the defaults of the schema', (t) => {
  const { limits, timeoutsMs, ...others } = conntrackOptions(least);
  t.deepEqual(others, { entries: 65_536, loose: true, checkWindow: false, followFragments: false });
  t.deepEqual([...timeoutsMs.subarray(0, 3)], [120_000, 60_000, 432_000_000]);
  t.is(timeoutsMs.length, ctTimeouts.length);
  t.deepEqual([...limits.subarray(0, 6)], [65_536, 32_768, 0, 0, 0, 0]);
  t.is(limits.length, 3 * 64);
});

test('what the config says of connection tracking is passed on', (t) => {
  const { limits, timeoutsMs, ...others } = conntrackOptions({
    conntrack: {
      entries: 1000,
      tcp: { loose: false, checkWindow: true },
      fragments: 'follow',
      timeouts: { udp_first: 5000 },
    },
    tenants: {
      a: { limits: { conntrack: { entries: 400, halfOpen: 10, newPerSecond: 7 } } },
      b: {},
      c: { limits: { rules: 1 } },
    },
  });
  t.deepEqual(others, { entries: 1000, loose: false, checkWindow: true, followFragments: true });
  t.is(timeoutsMs[ctTimeouts.indexOf('udp_first')], 5000);
  // What a leaves is shared by nobody, b and c.
  t.deepEqual([...limits.subarray(0, 12)], [200, 100, 0, 400, 10, 7, 200, 100, 0, 200, 100, 0]);
});

test("tenants' shares of cycles follow in their order, after that of packets of no tenant", (t) => {
  const tenants = { a: {}, b: { limits: { cycles: { weight: 7, guaranteedPercent: 25, capPercent: 60 } } } };
  t.deepEqual([...cycleShares({ tenants }).subarray(0, 12)], [100, 0, 0, 100, 0, 0, 7, 250, 600, 0, 0, 0]);
});
