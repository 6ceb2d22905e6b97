import test from 'ava';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesIn, root, textOf } from '../../support/source-tree.js';

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

/** What a source file includes first compiles alone wherever that file compiles: the build shows it. */
function firstIncludes(): ReadonlySet<string> {
  const sources = ['native', 'test/native'].flatMap((directory) => filesIn(directory, '.cc'));
  return new Set(
    sources.flatMap((source) => /^#include (?:<|"(.+)")/m.exec(textOf(source))?.[1] ?? []).map((path) => `native/${path}`),
  );
}

test('every header compiles alone', async (t) => {
  t.timeout(600_000);
  const flags = await compilerFlags();
  const first = firstIncludes();
  const headers = filesIn('native', '.h').filter((header) => !first.has(header));
  t.true(headers.length > 30);
  t.true(first.size > 30);
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
