import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { VswitchError } from '../model/errors.js';
import type { Argv } from './plan.js';

export interface Outcome {
  readonly code: number;
  /** What it wrote, standard output before standard error. */
  readonly text: string;
}

/** Runs a program to its end; that it fails is an outcome, too. A program that is missing has code 127. */
export function outcomeOf([program, ...args]: Argv): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      const text = stdout + stderr;
      if (!error) resolve({ code: 0, text });
      else if (typeof error.code === 'number') resolve({ code: error.code, text });
      else resolve({ code: error.code === 'ENOENT' ? 127 : 1, text: text || error.message });
    });
  });
}

/** Runs a program that has to succeed. @throws VswitchError LAB_FAILED with the command and what it said. */
export async function must(argv: Argv): Promise<string> {
  const { code, text } = await outcomeOf(argv);
  if (code === 0) return text;
  throw new VswitchError('LAB_FAILED', `\`${argv.join(' ')}\` failed (${code}): ${text.trim() || 'it said nothing'}`);
}

/** A program that goes on in the background until it is ended; its own session, so that Ctrl-C reaches only who started it. */
export function start([program, ...args]: Argv, output: number | 'ignore' = 'ignore'): ChildProcess {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output] });
  // Without a listener the program's absence would end this process.
  child.once('error', () => undefined);
  return child;
}
