import { readFile } from 'node:fs/promises';
import { VswitchError } from '../model/errors.js';
import type { FlowSet } from '../model/flow.js';
import { flowSetOf } from '../replay/flow-set.js';
import { flowsFromFile } from './flow-input.js';
import { usageError, type Io } from './io.js';

/** Flows, groups and meters of a JSON file, or flows of ovs-ofctl lines. */
export async function flowSetFromFile(path: string, io: Io): Promise<FlowSet> {
  const text = await readText(path);
  return /^\s*[[{]/.test(text) ? flowSetOf(parseJson(text, path)) : { flows: await flowsFromFile(path, io) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new VswitchError('CONFIG_UNREADABLE', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
