import test from 'ava';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { switchOptions } from '../../../src/switch/options.js';

const least: VswitchConfig = { name: 'a', workers: { cores: [1] }, ports: {} };

test('what the config leaves out has the defaults of the schema', (t) => {
  t.deepEqual(switchOptions(least), {
    name: 'a',
    cores: [1],
    maxSleepUs: 1000,
    hugepages: 'auto',
    mib: 96,
    mbufs: 16_383,
    mbufDataBytes: 2176,
    maxRules: 65_536,
    maxGroups: 16_384,
    maxMeters: 65_536,
    masksPerTable: 32,
    tableMib: 256,
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
