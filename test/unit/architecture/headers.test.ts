import test from 'ava';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesIn, root } from '../../support/source-tree.js';

const exec = promisify(execFile);
/** As native/CMakeLists.txt has them; other people's headers are system headers, whose warnings are theirs. */
async function compilerFlags(): Promise<string[]> {
  const { stdout } = await exec('pkg-config', ['--cflags', 'libdpdk']);
  const dpdk = stdout
    .split(/\s+/)
    .filter((flag) => flag !== '' && !flag.startsWith('-march='))
    .flatMap((flag) => (flag.startsWith('-I') ? ['-isystem', flag.slice(2)] : [flag]));
  const addonApi = ['node-api-headers/include', 'node-addon-api'].flatMap((path) => [
    '-isystem',
    join(root, 'node_modules', path),
  ]);
  const own = ['-std=gnu++20', '-fsyntax-only', '-march=x86-64-v3', '-Wall', '-Wextra', '-Werror', '-I', join(root, 'native')];
  return [...own, ...dpdk, ...addonApi, '-DNAPI_VERSION=9', '-DNAPI_CPP_EXCEPTIONS'];
}

test('every header compiles alone', async (t) => {
  t.timeout(600_000);
  const flags = await compilerFlags();
  const headers = filesIn('native', '.h');
  t.true(headers.length > 30);
  const faults: string[] = [];
  const queue = [...headers];
  const worker = async (): Promise<void> => {
    for (let header = queue.pop(); header !== undefined; header = queue.pop())
      await exec('g++', [...flags, '-x', 'c++', '-include', header, '/dev/null'], { cwd: root }).catch((error: unknown) => {
        faults.push(`${header}: ${error instanceof Error ? error.message : String(error)}`);
      });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  t.deepEqual(faults, []);
});
