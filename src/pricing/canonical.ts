import { createHash } from 'node:crypto';

/**
 * JSON in its one canonical form: keys in the order of their code units, no white space, what is undefined left out, integers of
 * whatever size as literals. Equal values have equal bytes on every machine.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** The value of a canonical text, with every integer exact, as a bigint. */
export const parseExact = (text: string): unknown =>
  JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d+/g, (token) => (token.startsWith('"') ? token : `{"integer":"${token}"}`)),
    (_key, value: unknown) => (isInteger(value) ? BigInt(value.integer) : value),
  );

const isInteger = (value: unknown): value is { readonly integer: string } =>
  typeof value === 'object' && value !== null && 'integer' in value && typeof value.integer === 'string';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
