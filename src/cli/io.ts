import { VswitchError } from '../model/errors.js';

/** What a command may touch of the world; tests give their own. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly env: NodeJS.ProcessEnv;
  /** The whole of standard input. */
  readStdin(): Promise<string>;
  readonly terminal: { readonly interactive: boolean; readonly columns: number; readonly rows: number };
}

export const processIo: Io = {
  out: (text) => void process.stdout.write(text + '\n'),
  err: (text) => void process.stderr.write(text + '\n'),
  env: process.env,
  readStdin: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
  terminal: {
    get interactive() {
      return process.stdout.isTTY;
    },
    get columns() {
      return windowOf(process.stdout).columns ?? 100;
    },
    get rows() {
      return windowOf(process.stdout).rows ?? 40;
    },
  },
};

/** Without a terminal there is no window, whatever the types say. */
const windowOf = (stream: { readonly columns?: number; readonly rows?: number }): typeof stream => stream;

/** A wrong use of the command line, told like a wrong request. */
export const usageError = (message: string, remedy?: string): VswitchError =>
  new VswitchError('REQUEST_INVALID', message, remedy === undefined ? [] : [{ pointer: '', message, remedy }]);

/** An error for people: the sentence, then each fault with where, what was found, and what to do. */
export function explain(error: VswitchError): string {
  const lines = [`vswitch: ${error.message} [${error.code}]`];
  for (const { pointer, value, message, remedy } of error.faults.slice(0, faultsShown)) {
    const found = value === undefined ? '' : ` (found ${shorten(JSON.stringify(value))})`;
    lines.push(`  ${pointer || '/'}: ${message}${found}`);
    if (remedy !== undefined) lines.push(`      ${remedy}`);
  }
  const more = error.faults.length - faultsShown;
  if (more > 0) lines.push(`  and ${more} more faults`);
  return lines.join('\n');
}

/** More than anybody reads; the API's answer has all of them. */
const faultsShown = 100;

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);

/** Ends the program with an exit code and without a message; for commands whose code is their answer, as in diff(1). */
export class ExitCode extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}
