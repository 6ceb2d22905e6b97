import { build } from 'esbuild';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../support/source-tree.js';

/**
 * Packs the compiled program, which is a thousand files, into one: a translated processor takes a minute to load the thousand.
 * @param folder whose subfolder `dist` is as far below package.json as the program's own
 * @returns the shell command that runs it, with the project's own addon; without V8's optimizer, which costs more than it brings in there
 */
export async function packProgram(folder: string): Promise<string> {
  const file = join(folder, 'dist/vswitch.mjs');
  await mkdir(join(folder, 'dist'), { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await build({
    stdin: {
      contents: `import { main } from './dist/cli/main.js';\nprocess.exitCode = await main(process.argv.slice(2));`,
      resolveDir: root,
    },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // It finds its own addon beside it.
    external: ['better-sqlite3'],
    banner: { js: `import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);` },
    logLevel: 'error',
  });
  return `VSWITCH_ADDON=${root}/build/Release/vswitch.node exec ${process.execPath} --no-opt ${file}`;
}
