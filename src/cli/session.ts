import type { Command } from 'commander';
import type { Dispatcher } from 'undici';
import { Client, findTarget, type Answer, type TargetOptions } from './client.js';
import type { Io } from './io.js';

export interface GlobalOptions extends TargetOptions {
  readonly json?: boolean;
}

/** What a command that talks to a switch works with. */
export interface Session {
  readonly io: Io;
  readonly json: boolean;
  send(method: Dispatcher.HttpMethod, path: string, body?: unknown, ifMatch?: string): Promise<Answer>;
  /** POSTs bytes, or nothing, for an answer that may be bytes. */
  sendBytes(path: string, body?: Buffer): Promise<Buffer>;
  get(path: string): Promise<unknown>;
  /** Prints the exact answer for programs where --json was given, else what `show` makes of it for people. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the shape that it expects
  show<T>(answer: Answer, text: (value: T) => string): void;
}

/** Connects as the global options say, runs `work`, and disconnects. */
export async function withSession(command: Command, io: Io, work: (session: Session) => Promise<void>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const client = new Client(await findTarget(options, io.env));
  const json = options.json === true;
  try {
    await work({
      io,
      json,
      send: (method, path, body, ifMatch) => client.send(method, path, body, ifMatch),
      sendBytes: (path, body) => client.sendBytes(path, body),
      get: (path) => client.get(path),
      show: (answer, text) => io.out(json ? answer.text : text(JSON.parse(answer.text) as never)),
    });
  } finally {
    await client.close();
  }
}
