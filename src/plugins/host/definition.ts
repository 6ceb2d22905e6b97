import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import { schemaFaults } from '../../config/schema-faults.js';
import type { Fault } from '../../model/errors.js';
import { packageVersion } from '../../version.js';
import type { Plugin } from '../sdk/define.js';
import { pluginHeaders } from '../sdk/headers.js';
import { PluginError } from '../sdk/errors.js';
import { isInRange, isVersion } from './versions.js';

/** Of a module: its `plugin`, or its default export. @throws PluginError PLUGIN_INVALID with every fault. */
export function definitionOf(loaded: unknown, file: string): Plugin {
  const exported = isObject(loaded) ? (loaded['plugin'] ?? loaded['default']) : undefined;
  const plugin = isObject(exported) && isObject(exported['plugin']) ? exported['plugin'] : exported;
  if (!isObject(plugin))
    throw invalid(`${file} exports no plugin`, [
      {
        pointer: '',
        message: 'there is neither `plugin` nor a default export',
        remedy: 'write `export const plugin = definePlugin({ ... })`',
      },
    ]);
  const faults = definitionFaults(plugin);
  if (faults.length > 0) throw invalid(`the plugin in ${file} has faults`, faults);
  return plugin as unknown as Plugin;
}

/** Options as the plugin gets them. @throws PluginError PLUGIN_INVALID; pointers are those of the options. */
export function optionsOf({ name, options: schema }: Pick<Plugin, 'name' | 'options'>, given: unknown): unknown {
  const written = given ?? {};
  if (!schema) {
    if (isObject(written) && Object.keys(written).length === 0) return {};
    throw invalid(`${name} has no options`, [
      { pointer: '', value: written, message: 'the plugin has no options', remedy: 'leave them out' },
    ]);
  }
  const complete = Value.Default(schema, Value.Clone(written));
  const faults = schemaFaults(schema, complete);
  if (faults.length > 0 || !Value.Check(schema, complete)) throw invalid(`the options of ${name} have faults`, faults);
  return complete;
}

function definitionFaults({ name, version, headers, options, onFailure, compatible, setup }: Record<string, unknown>): Fault[] {
  const faults: Fault[] = [];
  const need = (isRight: boolean, pointer: string, value: unknown, message: string, remedy: string): void => {
    if (!isRight) faults.push({ pointer, value, message, remedy });
  };
  need(
    isText(name) && /^[a-z0-9][a-z0-9-]{0,30}$/.test(name),
    '/name',
    name,
    'is no name',
    'use 1 to 31 lower-case letters, digits and -',
  );
  need(isText(version) && isVersion(version), '/version', version, 'is no version', 'give MAJOR.MINOR.PATCH');
  need(
    Array.isArray(headers),
    '/headers',
    headers,
    'is no list',
    `list what the plugin looks at, of ${pluginHeaders.join(', ')}`,
  );
  if (Array.isArray(headers))
    headers.forEach((header: unknown, i) => {
      need(
        (pluginHeaders as readonly unknown[]).includes(header),
        `/headers/${i}`,
        header,
        'is no header',
        `one of ${pluginHeaders.join(', ')}`,
      );
    });
  need(
    options === undefined || isObjectSchema(options),
    '/options',
    undefined,
    'is no schema of an object',
    'give `Type.Object({ ... })`',
  );
  need(
    onFailure === undefined || onFailure === 'withdraw' || onFailure === 'keep',
    '/onFailure',
    onFailure,
    'is none of the choices',
    "'withdraw' or 'keep'",
  );
  need(typeof setup === 'function', '/setup', undefined, 'is no function', 'write `setup(ctx) { ... }`');
  if (compatible !== undefined) {
    const holds = isText(compatible) ? isInRange(packageVersion, compatible) : undefined;
    need(holds !== undefined, '/compatible', compatible, 'is no range of versions', 'write it as `^0.1.0` or `>=0.1.0 <0.3.0`');
    need(
      holds !== false,
      '/compatible',
      compatible,
      `is not for this version, ${packageVersion}`,
      'take another version of the plugin, or of mts-vswitch',
    );
  }
  return faults;
}

const isObjectSchema = (value: unknown): value is TObject =>
  isObject(value) && value['type'] === 'object' && isObject(value['properties']);
const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const invalid = (message: string, faults: readonly Fault[]): PluginError => new PluginError('PLUGIN_INVALID', message, faults);
