import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import type { Plugin } from '../sdk/define.js';
import { definitionOf } from './definition.js';

/** Runs a plugin's module. @throws PluginError PLUGIN_INVALID for its definition, or what the module throws. */
export async function loadPlugin(file: string): Promise<Plugin> {
  return definitionOf(await importModule(file), file);
}

async function importModule(file: string): Promise<unknown> {
  const isBuilt = file.startsWith(fileURLToPath(new URL('..', import.meta.url))) && extname(file) === '.js';
  if (isBuilt) return import(pathToFileURL(file).href);
  return createJiti(import.meta.url, { fsCache: false, moduleCache: false, alias: packageAlias() }).import(file);
}

/** Where plugins and their tests find this package. */
export const packageAlias = (): Record<string, string> => ({
  'mts-vswitch/plugin/testing': entryOf('testing'),
  'mts-vswitch/plugin': entryOf('sdk'),
});

/** This package's own entry, so that a plugin resolves it wherever its file is: from src before there is a build, else from dist. */
function entryOf(folder: string): string {
  const built = fileURLToPath(new URL(`../${folder}/index.js`, import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL(`../${folder}/index.ts`, import.meta.url));
}
