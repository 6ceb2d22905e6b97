import test from 'ava';
import { fc, testProp } from '@fast-check/ava';
import { aptCommand, dpdkIsNewEnough, missingPackages } from '../../../src/setup/packages.mjs';

test('only installed packages count: a removed one whose settings are left is missing', (t) => {
  const status = 'installed cmake\nconfig-files g++\nnot-installed make\n';
  t.deepEqual(missingPackages(['cmake', 'g++', 'make', 'ethtool'], status), ['g++', 'make', 'ethtool']);
});

test('nothing is missing where all are installed', (t) => {
  t.deepEqual(missingPackages(['a', 'b'], 'installed b\ninstalled a\n'), []);
});

test('the command names every package', (t) => {
  t.is(aptCommand(['g++', 'make']), 'sudo apt-get install --no-install-recommends g++ make');
});

for (const [version, enough] of [
  ['22.11.11', true],
  ['22.11', true],
  ['24.11.0-rc1', true],
  ['23.03', true],
  ['22.07.0', false],
  ['21.11', false],
  ['', false],
] as const) {
  test(`DPDK ${version || '(no version)'} is ${enough ? 'new enough' : 'too old'}`, (t) => {
    t.is(dpdkIsNewEnough(version), enough);
  });
}

testProp(
  'a later release of DPDK is never too old',
  [fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 12 })],
  (t, y, m) => {
    t.is(dpdkIsNewEnough(`${22 + y}.${m}`, '22.11'), y > 0 || m >= 11);
  },
);
