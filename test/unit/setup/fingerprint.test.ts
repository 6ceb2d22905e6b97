import test from 'ava';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint, whenChanged } from '../../../src/setup/fingerprint.mjs';

async function checkout(t: { teardown(undo: () => Promise<void>): void }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fingerprint-'));
  t.teardown(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'src/deep'), { recursive: true });
  await writeFile(join(root, 'src/deep/a.ts'), 'a');
  await writeFile(join(root, 'out'), '');
  return root;
}

test('a fingerprint changes with a content, a name and a tool, and with nothing else', async (t) => {
  const root = await checkout(t);
  const before = fingerprint(root, ['src', 'absent'], ['22.11']);
  await writeFile(join(root, 'elsewhere'), 'x');
  t.is(fingerprint(root, ['src', 'absent'], ['22.11']), before);
  t.not(fingerprint(root, ['src', 'absent'], ['24.11']), before);
  await writeFile(join(root, 'src/b.ts'), '');
  const withB = fingerprint(root, ['src', 'absent'], ['22.11']);
  t.not(withB, before);
  await writeFile(join(root, 'src/b.ts'), 'b');
  t.not(fingerprint(root, ['src', 'absent'], ['22.11']), withB);
});

test('work is done once, again after a change, again where its output is gone, and again after it failed', async (t) => {
  const root = await checkout(t);
  const step = { name: 'step', inputs: ['src'], output: 'out' };
  const done = () => whenChanged(root, step, () => Promise.resolve());
  t.true(await done());
  t.false(await done());
  await writeFile(join(root, 'src/deep/a.ts'), 'changed');
  await t.throwsAsync(whenChanged(root, step, () => Promise.reject(new Error('broken'))));
  t.true(await done());
  await rm(join(root, 'out'));
  t.true(await done());
});
