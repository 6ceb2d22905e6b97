import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const builtinFolder = fileURLToPath(new URL('../builtin', import.meta.url));
const endings = ['.ts', '.mts', '.js', '.mjs'] as const;

/** A plugin's module, and the folder that it may read. */
export interface Found {
  readonly file: string;
  readonly folder: string;
}

export const builtins = (): readonly string[] =>
  readdirSync(builtinFolder).filter((name) => moduleIn(join(builtinFolder, name)) !== undefined);

/**
 * The module of a config's plugin: its file; of a folder what package.json has as `main`, else `plugin` or `src/plugin`; without a
 * path the built-in of its name. A text says why there is none.
 */
export function findPlugin(name: string, path: string | undefined): Found | string {
  if (path === undefined) {
    const file = moduleIn(join(builtinFolder, name));
    return file === undefined
      ? `no built-in plugin is called ${name}: there is ${builtins().join(', ')}; of another, give the path`
      : { file, folder: dirname(file) };
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return `there is no file ${path}`;
  if (!stat.isDirectory()) return { file: path, folder: dirname(path) };
  const file = mainOf(path) ?? moduleIn(path) ?? moduleIn(join(path, 'src'));
  return file === undefined ? `${path} has no plugin.ts, and no package.json that names its main` : { file, folder: path };
}

function mainOf(folder: string): string | undefined {
  try {
    const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main?: unknown };
    const file = typeof main === 'string' ? join(folder, main) : undefined;
    return file !== undefined && existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

const moduleIn = (folder: string): string | undefined =>
  endings.map((ending) => join(folder, `plugin${ending}`)).find((file) => existsSync(file));
