import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig, readConfig } from '../../../src/config/load.js';
import { VswitchError } from '../../../src/model/errors.js';
import { labConfig } from '../../support/topology.js';

async function file(t: ExecutionContext, name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vswitch-config-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

async function refusal(t: ExecutionContext, path: string): Promise<VswitchError> {
  const error = await t.throwsAsync(loadConfig(path), { instanceOf: VswitchError });
  return error;
}

const body = JSON.stringify(labConfig);

for (const [name, text] of [
  [
    'vswitch.config.ts',
    `import { defineVswitch } from 'mts-vswitch';\nconst name: string = 'test';\nexport default defineVswitch({ ...${body}, name });\n`,
  ],
  [
    'vswitch.config.mts',
    `import { defineVswitch, type VswitchConfig } from 'mts-vswitch';\nconst config: VswitchConfig = ${body};\nexport default defineVswitch(config);\n`,
  ],
  ['vswitch.config.js', `export default ${body};\n`],
  ['vswitch.config.cjs', `module.exports = ${body};\n`],
  ['later.config.ts', `export default Promise.resolve(${body});\n`],
  ['vswitch.json', body],
] as const) {
  test(`${name} is read`, async (t) => {
    t.deepEqual(await loadConfig(await file(t, name, text)), labConfig);
  });
}

test('a file that changed is read anew', async (t) => {
  const path = await file(t, 'vswitch.config.ts', 'export default { name: "a" };');
  t.deepEqual(await readConfig(path), { name: 'a' });
  await writeFile(path, 'export default { name: "b" };');
  t.deepEqual(await readConfig(path), { name: 'b' });
});

for (const [what, name, text, says] of [
  ['JSON with a fault', 'vswitch.json', '{\n  "name": "x",\n}', 'line 3, column 1'],
  ['a module that throws', 'a.config.ts', 'throw new Error("no such variable HOST");', 'no such variable HOST'],
  ['a module with a syntax fault', 'a.config.ts', 'export default {,};', 'failed when it was run'],
  [
    'a module that imports what is not there',
    'a.config.ts',
    'import x from "nowhere-to-be-found"; export default x;',
    'nowhere-to-be-found',
  ],
  ['a module without a default export', 'a.config.ts', 'export const config = {};', 'exports no config'],
  ['another kind of file', 'vswitch.yaml', 'name: x', 'neither a module nor JSON'],
] as const) {
  test(`refused with the reason: ${what}`, async (t) => {
    const path = await file(t, name, text);
    const error = await refusal(t, path);
    t.is(error.code, 'CONFIG_UNREADABLE');
    t.true(error.message.includes(path) && error.message.includes(says), error.message);
    t.true(error.faults.every((fault) => fault.remedy !== undefined));
  });
}

test('a file that is not there', async (t) => {
  const error = await refusal(t, '/nonexistent/vswitch.config.ts');
  t.is(error.code, 'CONFIG_UNREADABLE');
  t.true(error.message.includes('there is no such file'));
});

test('a config with faults is refused with all of them', async (t) => {
  const error = await refusal(t, await file(t, 'vswitch.json', '{"name": "-", "workers": {"cores": []}, "ports": {}}'));
  t.is(error.code, 'CONFIG_INVALID');
  t.deepEqual(
    error.faults.map((fault) => fault.pointer),
    ['/name', '/workers/cores'],
  );
});
