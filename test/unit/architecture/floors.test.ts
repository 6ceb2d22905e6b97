import test from 'ava';
import { climbingEdges, filesIn, findCycle, importGraph, includeGraph, textOf } from '../../support/source-tree.js';

/** From the bottom up; a room knows only rooms of floors below it (docs/architecture.md has the picture). */
const sourceFloors = [
  ['model', 'process', 'version'],
  ['config'],
  ['switch', 'pricing'],
  ['flow', 'accounting', 'ledger', 'ports', 'host'],
  ['export'],
  ['metrics', 'replay'],
  ['plugins'],
  ['api'],
  ['teardown', 'lab'],
  ['runtime', 'fleet'],
  ['cli', 'index'],
] as const;
const nativeFloors = [
  ['base'],
  ['dpdk', 'packet'],
  ['meter'],
  ['port', 'table', 'state', 'punt'],
  ['action'],
  ['pipeline'],
  ['worker'],
  ['control'],
  ['binding'],
] as const;

/** The folder, or the file that stands beside the folders. */
const roomOf = (file: string): string => file.split('/')[1]?.replace(/\.\w+$/, '') ?? '';

const sources = filesIn('src', '.ts');
const natives = filesIn('native', '.h', '.cc');

test('src: no arrow runs up', (t) => {
  t.true(sources.length > 20);
  t.deepEqual(climbingEdges(importGraph(sources), sourceFloors, roomOf), []);
});

test('src: of the config, switch and pricing know the schema only', (t) => {
  const edges = [...importGraph(sources)]
    .filter(([from]) => ['switch', 'pricing'].includes(roomOf(from)))
    .flatMap(([, targets]) => targets);
  t.deepEqual(
    edges.filter((to) => roomOf(to) === 'config' && to !== 'src/config/schema.ts'),
    [],
  );
});

test('src: of the command line, only what runs the switch knows the runtime', (t) => {
  const users = [...importGraph(sources)].filter(([, targets]) => targets.includes('src/runtime.ts')).map(([from]) => from);
  t.deepEqual(
    users.filter((from) => !/^src\/cli\/(run-switch|commands\/run)\.ts$/.test(from)),
    [],
  );
});

test('src: no two files import each other, over whatever way round', (t) => {
  t.is(findCycle(importGraph(sources)), undefined);
});

test('native: no include runs up', (t) => {
  t.true(natives.length > 40);
  t.deepEqual(climbingEdges(includeGraph(natives), nativeFloors, roomOf), []);
});

test('native: no header includes itself, over whatever way round', (t) => {
  t.is(findCycle(includeGraph(natives)), undefined);
});

test('Node is known to native/binding alone', (t) => {
  const users = natives.filter((file) => /#\s*include\s*<(napi|node_api|node|js_native_api)[./\w]*>/.test(textOf(file)));
  t.true(users.length > 0);
  t.deepEqual(
    users.filter((file) => roomOf(file) !== 'binding'),
    [],
  );
});

test('the addon is loaded by src/switch/binding.ts alone', (t) => {
  const users = sources.filter((file) => /\.node\b['"`]|createRequire|process\.dlopen/.test(textOf(file)));
  t.deepEqual(users, ['src/switch/binding.ts']);
});

test('the checks see what they are for', (t) => {
  const up = new Map([
    ['src/model/a.ts', ['src/api/b.ts']],
    ['src/api/b.ts', []],
    ['src/flow/c.ts', ['src/accounting/d.ts']],
    ['src/accounting/d.ts', []],
  ]);
  t.deepEqual(climbingEdges(up, sourceFloors, roomOf), [
    'src/model/a.ts -> src/api/b.ts',
    'src/flow/c.ts -> src/accounting/d.ts',
  ]);
  const ring = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ]);
  t.deepEqual(findCycle(ring), ['b', 'c', 'b']);
  t.throws(() => climbingEdges(new Map([['src/attic/x.ts', ['src/api/b.ts']]]), sourceFloors, roomOf), { message: /attic/ });
});
