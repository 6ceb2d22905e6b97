import { readFile } from 'node:fs/promises';
import { parseOfctl, type OfctlFlow } from '../flow/syntax/ofctl.js';
import { VswitchError, type Fault } from '../model/errors.js';
import type { FlowText } from '../model/flow.js';
import { usageError, type Io } from './io.js';

/** Makes a flow of an ovs-ofctl line. */
export type LineReader = (line: string) => OfctlFlow;

/** As `del` takes it: without actions, or with some that are not looked at. */
export const readIdentity: LineReader = (line) =>
  parseOfctl(/(^|[\s,])actions?=/.test(line) ? line : line === '' ? 'actions=drop' : `${line},actions=drop`);

/** Flows on the command line are JSON objects or ovs-ofctl lines; a word that begins with a brace is JSON. */
export function flowsFromWords(words: readonly string[], read: LineReader = parseOfctl, ofctl = false): OfctlFlow[] {
  return collect(
    words.map((word, i) => ({ text: word, pointer: `/${i}` })),
    read,
    ofctl,
  );
}

/** Flows of a file: a JSON array, `{"flows": [...]}`, or ovs-ofctl lines with `#` comments. `-` is standard input. */
export async function flowsFromFile(path: string, io: Io, read: LineReader = parseOfctl, ofctl = false): Promise<OfctlFlow[]> {
  const text = await readInput(path, io);
  if (!ofctl && /^\s*[[{]/.test(text)) return fromJson(text, path);
  const lines = text.split('\n').map((line, i) => ({ text: line.replace(/(^|\s)#.*$/, '').trim(), pointer: `/line ${i + 1}` }));
  return collect(
    lines.filter((line) => line.text !== ''),
    read,
    ofctl,
  );
}

/** The text of a file, or of standard input for `-`. */
export async function readInput(path: string, io: Io): Promise<string> {
  if (path === '-') return io.readStdin();
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VswitchError('CONFIG_UNREADABLE', `cannot read ${path}: ${reason}`);
  }
}

function fromJson(text: string, path: string): OfctlFlow[] {
  const value = parseJson(text, path);
  if (Array.isArray(value)) return value as OfctlFlow[];
  const flows = (value as { flows?: unknown }).flows;
  if (!Array.isArray(flows))
    throw usageError(`${path} holds no flows`, 'a JSON array of flows, {"flows": [...]}, or ovs-ofctl lines');
  // What `flows list --json` prints can be given back: each entry has its flow inside.
  return flows.map((entry: OfctlFlow | { flow: FlowText }) => ('flow' in entry ? entry.flow : entry));
}

/** All faulty flows at once. */
function collect(
  items: readonly { readonly text: string; readonly pointer: string }[],
  read: LineReader,
  ofctl: boolean,
): OfctlFlow[] {
  const faults: Fault[] = [];
  const flows = items.flatMap(({ text, pointer }) => {
    try {
      return [!ofctl && text.startsWith('{') ? (parseJson(text, 'the flow') as OfctlFlow) : read(text)];
    } catch (error) {
      if (!(error instanceof VswitchError)) throw error;
      const inside = error.faults.length > 0 ? error.faults : [{ pointer: '', value: text, message: error.message }];
      faults.push(...inside.map((fault) => ({ ...fault, pointer: pointer + fault.pointer })));
      return [];
    }
  });
  if (faults.length > 0)
    throw new VswitchError(
      'FLOW_INVALID',
      `${faults.length === 1 ? 'a fault' : `${faults.length} faults`} in the flows given`,
      faults,
    );
  return flows;
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
