import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VswitchError } from '../../model/errors.js';
import { packageAlias } from '../host/load.js';

/** Runs the tests of a plugin's folder, each file in a process of its own. @returns whether all passed. */
export async function runTests(folder: string): Promise<boolean> {
  const files = readdirSync(folder).filter((name) => /\.test\.[mc]?[tj]s$/.test(name));
  if (files.length === 0) {
    const message = `${folder} has no test`;
    const remedy = 'write one in a file that ends in .test.ts';
    throw new VswitchError('REQUEST_INVALID', message, [{ pointer: '', value: folder, message, remedy }]);
  }
  let passed = true;
  for (const file of files) passed = (await runFile(resolve(join(folder, file)))) && passed;
  return passed;
}

async function runFile(file: string): Promise<boolean> {
  const text = (value: unknown): string => JSON.stringify(value);
  const options = text({ fsCache: false, moduleCache: false, alias: packageAlias() });
  const load = `const { createJiti } = await import(${text(import.meta.resolve('jiti'))}); await createJiti(${text(import.meta.url)}, ${options}).import(${text(file)});`;
  const child = spawn(process.execPath, ['--test-reporter=spec', '--input-type=module', '-e', load], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
