import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { markOf } from '../process/marks.js';
import { program } from '../process/program.js';
import { BackOff } from '../process/back-off.js';
import type { Member } from './plan.js';
import type { MemberRecord, MemberState } from './state.js';

export interface InstanceDeps {
  /** Asks the switch on a socket whether it answers. */
  ready(socket: string): Promise<boolean>;
  /** Its state is another, or its process. */
  changed(): void;
  say(text: string): void;
  /** The file that its log goes to. */
  readonly log: string;
}

/** In which a switch has to answer after its start. */
const startLimitMs = 20_000;
/** A switch has 2 s to end; after it, nobody asks. */
const graceMs = 2500;

/** One instance of a fleet as a process of its own, started again where it ends with a failure. */
export class Instance {
  readonly #member: Member;
  readonly #deps: InstanceDeps;
  readonly #backOff = new BackOff();
  #child: ChildProcess | undefined;
  #state: MemberState = 'stopped';
  #startedAt = 0;
  #restarts = 0;
  #lastEnd: string | undefined;
  #isStopping = false;
  #isKept = false;
  #again: NodeJS.Timeout | undefined;

  constructor(member: Member, deps: InstanceDeps) {
    this.#member = member;
    this.#deps = deps;
  }

  get record(): MemberRecord {
    const { name, file, socket } = this.#member;
    const process = this.#child?.pid === undefined ? undefined : markOf(this.#child.pid);
    return {
      name,
      file,
      socket,
      state: this.#state,
      ...(process ? { process } : {}),
      startedAt: this.#startedAt,
      restarts: this.#restarts,
      ...(this.#lastEnd === undefined ? {} : { lastEnd: this.#lastEnd }),
    };
  }

  /** Starts its process. Resolves when it answers: true; or when it ended, did not answer in time, or is being stopped: false. */
  async start(): Promise<boolean> {
    if (this.#isStopping) return false;
    const child = this.#spawn();
    const deadline = performance.now() + startLimitMs;
    while (performance.now() < deadline && this.#child === child) {
      if ((await this.#deps.ready(this.#member.socket)) && this.#child === child) {
        this.#become('up');
        this.#deps.say(`${this.#member.name} answers on ${this.#member.socket}`);
        return true;
      }
      await sleep(50);
    }
    // It hangs.
    if (this.#child === child) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    return false;
  }

  /** From now on it is started again where it ends with a failure. */
  keep(): void {
    this.#isKept = true;
    if (!this.#child) this.#startAgain();
  }

  /** Ends its process and does not start it again. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#again);
    const child = this.#child;
    if (child) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(limit);
    }
    this.#become('stopped');
  }

  /** The end of what it logged. */
  lastWords(lines = 15): string {
    return readFileSync(this.#deps.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#deps.log, 'a');
    // A session of its own: Ctrl-C reaches only the supervisor, and its switches go on where it is killed.
    const child = spawn(process.execPath, [program, 'run', this.#member.file], { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#startedAt = Date.now();
    this.#become('starting');
    child.once('exit', (code, signal) => this.#ended(code, signal));
    // No process came of it, for example since there is no memory for one.
    child.once('error', () => this.#ended(null, null));
    return child;
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    this.#lastEnd = signal ?? (code === null ? 'not started' : `exit code ${code}`);
    if (this.#isStopping) return;
    if (code === 0) {
      this.#become('stopped');
      this.#deps.say(`${this.#member.name} was ended by somebody; it is not started again`);
      return;
    }
    this.#become('waiting');
    if (this.#isKept) this.#startAgain();
  }

  #startAgain(): void {
    const waitMs = this.#backOff.after(Date.now() - this.#startedAt);
    const { name } = this.#member;
    this.#deps.say(`${name} ended (${this.#lastEnd}); it is started again in ${waitMs / 1000} s; its log is ${this.#deps.log}`);
    this.#again = setTimeout(() => {
      this.#restarts++;
      void this.start();
    }, waitMs);
  }

  #become(state: MemberState): void {
    this.#state = state;
    this.#deps.changed();
  }
}
