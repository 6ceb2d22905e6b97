import test from 'ava';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VswitchError } from '../../../src/model/errors.js';
import { runTests } from '../../../src/plugins/project/run-tests.js';
import { projectFiles, writeProject } from '../../../src/plugins/project/template.js';
import { root } from '../../support/source-tree.js';

const run = promisify(execFile);

test('a new plugin type-checks and passes its test at once', async (t) => {
  t.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const made = join(folder, 'guard');
  const files = await writeProject('guard', made);
  t.deepEqual(
    files,
    Object.keys(projectFiles('guard')).map((file) => join(made, file)),
  );
  t.true(await runTests(made));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await t.notThrowsAsync(run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', made]));
  await t.throwsAsync(writeProject('guard', made), { instanceOf: VswitchError, message: /is there already/ });
  await t.throwsAsync(writeProject('No Name', join(folder, 'x')), { instanceOf: VswitchError });
});
