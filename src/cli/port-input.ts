import { portSchema, type PortConfig } from '../config/schema.js';
import { usageError } from './io.js';

interface PropertySchema {
  readonly type?: string;
}

/** A port's config from a type and `key=value` words; the schema says which values are numbers or booleans. The switch checks it. */
export function portConfigFrom(type: string, words: readonly string[]): PortConfig {
  const variants = portSchema.anyOf;
  const variant = variants.find(({ properties }) => properties.type.const === type);
  if (!variant) {
    const types = variants.map(({ properties }) => properties.type.const).join(', ');
    throw usageError(`there is no port type ${type}`, `one of ${types}`);
  }
  const schemas = new Map<string, PropertySchema>(Object.entries(variant.properties));
  const entries = words.map((word) => {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(word) ?? [];
    if (key === undefined || value === undefined) throw usageError(`"${word}" is not key=value`);
    return [key, convert(value, schemas.get(key)?.type)] as const;
  });
  return { type, ...Object.fromEntries(entries) } as PortConfig;
}

function convert(value: string, type: string | undefined): string | number | boolean {
  if (type === 'integer' && /^\d+$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
