import { existsSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CommandOptions {
  readonly memoryMib: number;
  readonly nice: number;
  /** Folders that plugins may read. */
  readonly readable: readonly string[];
  /** The folder that they may write. */
  readonly state: string;
  /** User and group that the process gets; undefined where this process may not choose. */
  readonly uid: number | undefined;
}

/** A write beyond it fails with SIGXFSZ. */
const maxFileBytes = 16 * 1024 * 1024;
const maxOpenFiles = 256;

/** What keeps a plugin's process in. Each program of util-linux and coreutils becomes the next, so that the process keeps its number. */
export function hostCommand({
  memoryMib,
  nice,
  readable,
  state,
  uid,
}: CommandOptions): readonly [command: string, args: readonly string[]] {
  const isRoot = uid !== undefined;
  const words = [
    ...['nice', '-n', String(nice)],
    ...(isRoot ? ['unshare', '--net', '--ipc', '--'] : []),
    ...['setpriv', '--no-new-privs', '--pdeathsig', 'KILL'],
    ...(isRoot ? [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'] : []),
    ...['--', 'prlimit', '--core=0', `--fsize=${maxFileBytes}`, `--nofile=${maxOpenFiles}`, '--'],
    process.execPath,
    '--experimental-permission',
    ...[...packageFolders(), ...readable, state].map((folder) => `--allow-fs-read=${folder}${sep}*`),
    `--allow-fs-write=${state}${sep}*`,
    '--no-addons',
    '--no-warnings',
    `--max-old-space-size=${Math.max(32, Math.floor(memoryMib / 2))}`,
    ...program(),
  ];
  const [command = '', ...args] = words;
  return [command, args];
}

/** What is not enforced of all this, for the log; empty where everything is. */
export const unenforced = (uid: number | undefined): readonly string[] =>
  uid === undefined ? ['a user of its own', 'no network'] : [];

const here = fileURLToPath(new URL('.', import.meta.url));
const fromSource = import.meta.url.endsWith('.ts');

/** This package, and the packages that its host loads, wherever they are installed. */
export function packageFolders(): string[] {
  const own = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
  const others = ['jiti', 'typebox'].map((name) => packageRoot(fileURLToPath(import.meta.resolve(name))));
  return [...new Set([own, ...others])];
}

function packageRoot(file: string): string {
  let folder = dirname(file);
  while (!existsSync(`${folder}/package.json`) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** From src, in tests, the program is loaded as a config is: other loaders need threads and processes of their own. */
function program(): string[] {
  if (!fromSource) return [`${here}../host/main.js`];
  const text = (value: string): string => JSON.stringify(value);
  const main = fileURLToPath(new URL('../host/main.ts', import.meta.url));
  const load = `const { createJiti } = await import(${text(import.meta.resolve('jiti'))}); await createJiti(${text(import.meta.url)}, { fsCache: false }).import(${text(main)});`;
  return ['--input-type=module', '-e', load];
}
