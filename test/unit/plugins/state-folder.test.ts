import test from 'ava';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateFolder } from '../../../src/plugins/supervisor/state-folder.js';

const uid = 60_690;

// Only root gives folders away.
const isRoot = process.getuid?.() === 0;
const rootTest = isRoot ? test : test.skip;
if (!isRoot) console.error('state-folder: SKIPPED for want of root: folders of another user');

rootTest('a folder to which the plugins’ user has no way is refused, with the place that bars it', async (t) => {
  const barred = mkdtempSync(join(tmpdir(), 'barred-'));
  t.teardown(() => rmSync(barred, { recursive: true }));
  const folder = new StateFolder(join(barred, 'state', 'red'), uid);
  const error = await t.throwsAsync(folder.prepare([]));
  t.true(error.message.includes(`cannot enter ${barred}:`), error.message);
  t.regex(error.message, /stateDir/);
  const plugin = join(barred, 'plugin');
  mkdirSync(plugin, { mode: 0o700 });
  chmodSync(barred, 0o711);
  await folder.prepare([]);
  const withPlugin = new StateFolder(folder.path, uid, [plugin]);
  const unreadable = await t.throwsAsync(withPlugin.prepare([]));
  t.true(unreadable.message.includes(`cannot enter ${plugin}:`), unreadable.message);
  chmodSync(plugin, 0o755);
  await withPlugin.prepare([]);
  t.is(statSync(folder.path).uid, uid);
});
