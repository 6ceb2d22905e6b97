import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Data made by others, which is beside the project and not of it. */
export const dataDirectory = process.env['CONFORMANCE_DIR'] ?? join(import.meta.dirname, '../../../shared/conformance');

export const hasData = existsSync(dataDirectory);

export const dataPath = (...parts: readonly string[]): string => join(dataDirectory, ...parts);

/** Lines that are not empty, of a file that may be compressed. */
export function dataLines(...parts: readonly string[]): string[] {
  const bytes = readFileSync(dataPath(...parts));
  const text = (parts.at(-1)?.endsWith('.gz') === true ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line !== '');
}
