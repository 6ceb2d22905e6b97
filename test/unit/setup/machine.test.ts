import test from 'ava';
import { pagesToKeep } from '../../../src/setup/hugepages.mjs';
import { outdatedModules } from '../../../src/setup/node-modules.mjs';
import { nodeIsNewEnough } from '../../../src/setup/node-version.mjs';
import { aptCommand, dpdkIsNewEnough, missingPackages } from '../../../src/setup/packages.mjs';
import { progressIn } from '../../../src/setup/progress.mjs';
import { obstacle, selectSuites, suites } from '../../../src/setup/suites.mjs';

test('versions are compared by number, not by letter', (t) => {
  t.true(nodeIsNewEnough('20.19.0'));
  t.true(nodeIsNewEnough('22.3.1'));
  t.false(nodeIsNewEnough('20.9.0'));
  t.true(dpdkIsNewEnough('22.11.11'));
  t.true(dpdkIsNewEnough('24.11.0'));
  t.false(dpdkIsNewEnough('22.7.0'));
});

test('what dpkg removed but kept the files of is missing', (t) => {
  const status = 'installed cmake\nconfig-files make\ninstalled g++\n';
  t.deepEqual(missingPackages(['cmake', 'make', 'g++', 'ethtool'], status), ['make', 'ethtool']);
  t.is(aptCommand(['make', 'ethtool']), 'sudo apt-get install --no-install-recommends make ethtool');
});

test('node_modules is out of date where a version differs or a module is missing, unless it is optional', (t) => {
  const wanted = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/c': { optional: true },
    },
  };
  t.deepEqual(outdatedModules(wanted, { packages: { 'node_modules/a': { version: '1.0.0' } } }), ['node_modules/b']);
  t.deepEqual(outdatedModules(wanted, {}), ['node_modules/a', 'node_modules/b']);
  t.deepEqual(
    outdatedModules(wanted, { packages: { 'node_modules/a': { version: '0.9.0' }, 'node_modules/b': { version: '2.0.0' } } }),
    ['node_modules/a'],
  );
});

test('hugepages: what is missing is added, what others keep stays, and half of the memory is left', (t) => {
  t.is(pagesToKeep({ total: 0, free: 0, availableMib: 8192 }), 128);
  t.is(pagesToKeep({ total: 500, free: 100, availableMib: 8192 }), 528);
  t.is(pagesToKeep({ total: 500, free: 300, availableMib: 8192 }), 500);
  t.is(pagesToKeep({ total: 10, free: 0, availableMib: 40 }), 20);
});

test('progress of make and of ninja is recognised', (t) => {
  t.is(progressIn('[ 35%] Building CXX object x.o'), '[ 35%]');
  t.is(progressIn('[3/20] Building'), '[3/20]');
  t.is(progressIn('[error] no'), '');
});

test('suites run in their own order, and an unknown one is named', (t) => {
  t.deepEqual(
    selectSuites(['e2e', 'unit']).map((suite) => suite.name),
    ['unit', 'e2e'],
  );
  t.is(selectSuites([]), suites);
  t.throws(() => selectSuites(['unti']), { message: /no such suite: unti; there are .*unit/ });
});

test('a suite says what it lacks', (t) => {
  const [suite] = selectSuites(['e2e']);
  t.assert(suite !== undefined);
  if (suite === undefined) return;
  t.regex(obstacle(suite, { uid: 1000, cores: 2 }) ?? '', /root/);
  t.is(obstacle(suite, { uid: 0, cores: 2 }), undefined);
});
