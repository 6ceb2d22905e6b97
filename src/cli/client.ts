import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request, type Dispatcher } from 'undici';
import { socketDirectory } from '../api/socket-path.js';
import { errorCatalogue, VswitchError, type ErrorCode, type Fault } from '../model/errors.js';
import { usageError } from './io.js';

/** Where a switch is: its Unix socket, or an address with a token. */
export type Target = { readonly socket: string } | { readonly url: string; readonly token: string };

export interface TargetOptions {
  readonly socket?: string | undefined;
  readonly url?: string | undefined;
}

export interface Answer {
  readonly text: string;
  readonly etag: string | undefined;
}

/** The API as a program calls it. */
export class Client {
  readonly #agent: Agent;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #where: string;

  constructor(target: Target) {
    const local = 'socket' in target;
    this.#agent = new Agent(local ? { connect: { socketPath: target.socket } } : {});
    this.#base = local ? 'http://localhost' : target.url.replace(/\/$/, '');
    this.#headers = local ? {} : { authorization: `Bearer ${target.token}` };
    this.#where = local ? target.socket : target.url;
  }

  /**
   * @param path with the version, for example `/v1/flows`.
   * @throws VswitchError the switch's own error with all its faults, or UNREACHABLE.
   */
  async send(method: Dispatcher.HttpMethod, path: string, body?: unknown, ifMatch?: string): Promise<Answer> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (ifMatch !== undefined) headers['if-match'] = ifMatch;
    const answer = await this.#request(method, path, headers, body === undefined ? null : JSON.stringify(body));
    return { text: answer.body.toString('utf8'), etag: answer.etag };
  }

  /** POSTs bytes, or nothing, for an answer that may be bytes. @throws as `send`. */
  async sendBytes(path: string, body?: Buffer): Promise<Buffer> {
    const headers: Record<string, string> = body ? { 'content-type': 'application/octet-stream' } : {};
    return (await this.#request('POST', path, headers, body ?? null)).body;
  }

  async #request(
    method: Dispatcher.HttpMethod,
    path: string,
    own: Readonly<Record<string, string>>,
    body: string | Buffer | null,
  ): Promise<{ readonly body: Buffer; readonly etag: string | undefined }> {
    const headers = { ...this.#headers, ...own };
    try {
      const answer = await request(this.#base + path, { method, headers, body, dispatcher: this.#agent });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      if (answer.statusCode >= 400) throw fromProblem(bytes.toString('utf8'), answer.statusCode);
      const etag = answer.headers['etag'];
      return { body: bytes, etag: typeof etag === 'string' ? etag : undefined };
    } catch (error) {
      if (error instanceof VswitchError) throw error;
      throw unreachable(this.#where, error);
    }
  }

  /** The answer as a value. Integers above 2^53 lose their last digits; `send` has the exact text. */
  async get(path: string): Promise<unknown> {
    return JSON.parse((await this.send('GET', path)).text);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/** --socket or --url, then VSWITCH_SOCKET, then the only socket in the default directory. */
export async function findTarget({ socket, url }: TargetOptions, env: NodeJS.ProcessEnv): Promise<Target> {
  if (url !== undefined) {
    const token = env['VSWITCH_TOKEN'];
    if (token === undefined) throw usageError('--url needs a token', 'set VSWITCH_TOKEN to the token of the config’s api.tcp');
    return { url, token };
  }
  const named = socket ?? env['VSWITCH_SOCKET'];
  if (named !== undefined) return { socket: named };
  const directory = socketDirectory(env);
  const entries = await readdir(directory).catch(() => []);
  const sockets = entries.filter((entry) => entry.endsWith('.sock')).map((entry) => join(directory, entry));
  const [only] = sockets;
  if (only !== undefined && sockets.length === 1) return { socket: only };
  if (only === undefined) {
    throw new VswitchError('UNREACHABLE', `no switch runs here: ${directory} holds no socket`, [
      { pointer: '', message: 'nothing to talk to', remedy: 'start one with `vswitch run CONFIG`, or name its --socket' },
    ]);
  }
  throw usageError(`several switches run here: ${sockets.join(', ')}`, 'choose one with --socket or VSWITCH_SOCKET');
}

function unreachable(where: string, cause: unknown): VswitchError {
  const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  const remedy =
    reason === 'EACCES'
      ? 'only root and the socket’s group may use it'
      : 'is the switch running? start it with `vswitch run CONFIG`';
  const faults: Fault[] = [{ pointer: '', value: where, message: `no answer: ${reason}`, remedy }];
  return new VswitchError('UNREACHABLE', `the switch at ${where} does not answer`, faults, { cause });
}

function fromProblem(text: string, status: number): VswitchError {
  try {
    const { code, detail, faults } = JSON.parse(text) as { code?: string; detail?: string; faults?: Fault[] };
    if (code !== undefined && code in errorCatalogue) {
      return new VswitchError(code as ErrorCode, detail ?? '', faults ?? []);
    }
  } catch {
    // Not ours: told below by its status.
  }
  return new VswitchError('UNREACHABLE', `an answer of status ${status} that is not the switch’s`);
}
