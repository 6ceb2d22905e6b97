import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mustBeSound, readFleet } from '../../../src/fleet/directory.js';
import { VswitchError } from '../../../src/model/errors.js';

function directoryWith(t: ExecutionContext, files: Record<string, unknown>): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
}
const sound = (name: string) => ({ name, workers: { cores: [0] }, ports: {} });

test('configs are modules and JSON by their names; what else is there is left alone', async (t) => {
  const directory = directoryWith(t, {
    'b.json': sound('b'),
    'a.config.mjs': `export default ${JSON.stringify(sound('a'))}`,
    'README.md': 'words',
    'helper.ts': 'throw new Error()',
    'c.json.bak': '{',
  });
  const plan = await readFleet(directory);
  t.deepEqual(plan.faults, []);
  t.deepEqual(
    plan.members.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('faults of several files are told at once: of text, of schema, of names', async (t) => {
  const directory = directoryWith(t, { 'a.json': sound('a'), 'b.json': '{', 'c.json': { name: 'c' }, 'd.json': sound('a') });
  const plan = await readFleet(directory);
  const places = plan.faults.map(({ pointer }) => pointer.slice(directory.length + 1));
  t.deepEqual(places, ['b.json#', 'c.json#/workers', 'c.json#/ports', 'd.json#/name']);
  const error = t.throws(() => mustBeSound(plan, directory), { instanceOf: VswitchError });
  t.is(error.code, 'CONFIG_INVALID');
  t.regex(error.message, /has 3 configs with faults$/);
});

for (const [what, directory] of [
  ['that is not there', () => '/nowhere/at/all'],
  ['without a config', (t: ExecutionContext) => directoryWith(t, { 'README.md': 'words' })],
] as const)
  test(`a directory ${what} is refused`, async (t) => {
    const error = await t.throwsAsync(readFleet(directory(t)), { instanceOf: VswitchError });
    t.is(error.code, 'CONFIG_UNREADABLE');
  });
