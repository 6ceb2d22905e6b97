import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { VswitchError } from '../model/errors.js';
import { checkConfig } from './check.js';
import { jsonFaultPosition } from './json-position.js';
import type { VswitchConfig } from './schema.js';

/**
 * A config file: a TypeScript or JavaScript module with the config as its default export, or JSON.
 * @throws VswitchError CONFIG_UNREADABLE, or CONFIG_INVALID with every fault.
 */
export async function loadConfig(path: string): Promise<VswitchConfig> {
  const value = await readConfig(path);
  const faults = checkConfig(value);
  if (faults.length > 0) throw new VswitchError('CONFIG_INVALID', `${path} has ${countFaults(faults.length)}`, faults);
  return value as VswitchConfig;
}

export const countFaults = (count: number): string => (count === 1 ? 'a fault' : `${count} faults`);

/** What the file says, unchecked. @throws VswitchError CONFIG_UNREADABLE with the reason. */
export async function readConfig(path: string): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file)) throw unreadable(path, 'there is no such file', 'give the path of a *.config.ts or JSON file');
  switch (extname(file)) {
    case '.json':
      return readJson(path, file);
    case '.ts':
    case '.mts':
    case '.cts':
    case '.js':
    case '.mjs':
    case '.cjs':
      return runModule(path, file);
    default:
      throw unreadable(path, 'is neither a module nor JSON', 'name it *.config.ts or *.json');
  }
}

async function readJson(path: string, file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(path, reasonOf(error), 'make it readable', error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = jsonFaultPosition(text);
    const where = at ? `line ${at.line}, column ${at.column}` : 'somewhere';
    throw unreadable(
      path,
      `is not JSON at ${where}: ${reasonOf(error)}`,
      'correct it there; JSON has no comments and no trailing commas',
      error,
    );
  }
}

async function runModule(path: string, file: string): Promise<unknown> {
  // No cache: neither a file in somebody's node_modules, nor an old version where a config is read again.
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, alias: { 'mts-vswitch': packageEntry() } });
  let loaded: unknown;
  try {
    loaded = await jiti.import(file);
  } catch (error) {
    throw unreadable(path, `failed when it was run: ${reasonOf(error)}`, 'correct the module', error);
  }
  const config = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? await loaded.default : undefined;
  if (config === undefined || config === null)
    throw unreadable(path, 'exports no config', 'write `export default defineVswitch({ ... })`');
  return config;
}

/** This package's own entry, so that a config resolves it wherever the file is: from src before there is a build, else from dist. */
function packageEntry(): string {
  const built = fileURLToPath(new URL('../index.js', import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL('../index.ts', import.meta.url));
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function unreadable(path: string, message: string, remedy: string, cause?: unknown): VswitchError {
  return new VswitchError('CONFIG_UNREADABLE', `${path} ${message}`, [{ pointer: '', value: path, message, remedy }], { cause });
}
