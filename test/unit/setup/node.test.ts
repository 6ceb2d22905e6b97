import test from 'ava';
import { nodeIsNewEnough } from '../../../src/setup/node-version.mjs';
import { outdatedModules } from '../../../src/setup/node-modules.mjs';

for (const [version, enough] of [
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['20.18.9', false],
  ['18.99.0', false],
] as const) {
  test(`Node ${version} is ${enough ? 'new enough' : 'too old'}`, (t) => {
    t.is(nodeIsNewEnough(version), enough);
  });
}

const lock = (packages: Record<string, { version?: string; optional?: boolean; peer?: boolean }>) => ({ packages });

test('modules as locked are not outdated, nor are the root and what is only for other platforms', (t) => {
  const wanted = lock({
    '': { version: '2.0.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/mac': { optional: true },
  });
  t.deepEqual(outdatedModules(wanted, lock({ 'node_modules/a': { version: '1.0.0' } })), []);
});

test('another version and an absent module are outdated, an optional one too where its version differs', (t) => {
  const wanted = lock({
    'node_modules/a': { version: '1.0.1' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': { version: '2.0.0', optional: true },
  });
  const installed = lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } });
  t.deepEqual(outdatedModules(wanted, installed), ['node_modules/a', 'node_modules/b', 'node_modules/c']);
});

test('without node_modules everything is outdated', (t) => {
  t.deepEqual(outdatedModules(lock({ 'node_modules/a': { version: '1.0.0' } }), {}), ['node_modules/a']);
});
