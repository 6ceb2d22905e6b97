/**
 * Runs programs in the guest, and asks switches there, for the tests: lines of JSON come in and go out by a virtio port.
 *
 * In: `{ id, argv }` starts a program, `{ id, input }` writes to it, `{ id, signal }` ends it. `{ id, socket, method, path, body }` is a
 * request to an API.
 * Out: `{ id, out }` and `{ id, err }` what a program says, `{ id, code }` how it ended: its exit code, or a signal's number, negative.
 * `{ id, code, out }` a request's status and answer; code 0 where nobody answers. `{ id: 0 }` comes first.
 */
import { spawn } from 'node:child_process';
import { createReadStream, openSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';

/** @typedef {{ id: number, argv?: string[], input?: string, signal?: NodeJS.Signals }} ProgramOrder */
/** @typedef {{ id: number, socket: string, method: string, path: string, body?: unknown }} Request */

const [device = ''] = process.argv.slice(2);
const port = openSync(device, 'r+');
/** @type {Map<number, import('node:child_process').ChildProcessWithoutNullStreams>} */
const programs = new Map();

/** @param {Readonly<Record<string, unknown>>} message */
function tell(message) {
  const bytes = Buffer.from(JSON.stringify(message) + '\n');
  for (let at = 0; at < bytes.length;) at += writeSync(port, bytes, at);
}

/**
 * @param {number} id
 * @param {readonly string[]} argv
 */
function start(id, [program = '', ...args]) {
  const child = spawn(program, args);
  programs.set(id, child);
  // It may have ended before it read what it was written.
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (out) => tell({ id, out }));
  child.stderr.setEncoding('utf8').on('data', (err) => tell({ id, err }));
  child.on('error', (error) => tell({ id, err: error.message }));
  child.on('close', (code, signal) => {
    programs.delete(id);
    tell({ id, code: signal === null ? code : -constants.signals[signal] });
  });
}

/** @param {Request} order */
function ask({ id, socket, method, path, body }) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const asked = request({ socketPath: socket, method, path, headers, agent: false }, (answer) => {
    let out = '';
    answer.setEncoding('utf8').on('data', (/** @type {string} */ text) => (out += text));
    answer.on('end', () => tell({ id, code: answer.statusCode, out }));
  });
  asked.on('error', () => tell({ id, code: 0, out: '' }));
  asked.end(body === undefined ? '' : JSON.stringify(body));
}

createInterface({ input: createReadStream('', { fd: port, autoClose: false }) }).on('line', (line) => {
  /** @type {unknown} */
  const said = JSON.parse(line);
  const order = /** @type {ProgramOrder | Request} */ (said);
  if ('socket' in order) {
    ask(order);
    return;
  }
  const { id, argv, input, signal } = order;
  if (argv) start(id, argv);
  if (input !== undefined) programs.get(id)?.stdin.write(input);
  if (signal) programs.get(id)?.kill(signal);
});
tell({ id: 0 });
