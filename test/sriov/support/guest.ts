import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../support/source-tree.js';
import { cacheFolder, machine } from './cache.js';
import { GuestProgram, type Ended } from './guest-program.js';
import { Monitor } from './monitor.js';
import { qemuArguments, qemuProgram, type UdpLink } from './qemu.js';

/** What the agent says; see test/sriov/guest/agent.mjs. */
type Message = { readonly id: number } & Partial<Record<'out' | 'err', string> & Record<'code', number>>;

export const logsFolder = join(cacheFolder, 'logs');
/** The same folder, as programs in the guest see it. */
export const guestLogs = '/run/logs';

/** A booted guest. Its file system is the host's, read-only, with what it changes in memory. */
export class Guest {
  readonly monitor: Monitor;
  readonly #qemu: ChildProcessWithoutNullStreams;
  readonly #agent: Agent;

  private constructor(qemu: ChildProcessWithoutNullStreams, agent: Agent, monitor: Monitor) {
    this.#qemu = qemu;
    this.#agent = agent;
    this.monitor = monitor;
  }

  /**
   * Boots one, until its agent answers.
   * @throws Unavailable without QEMU or a kernel
   * @throws Error where it ends before; its console says why
   */
  static async boot(nic: UdpLink, outside: UdpLink): Promise<Guest> {
    await rm(logsFolder, { recursive: true, force: true });
    await mkdir(logsFolder, { recursive: true });
    const parts = await machine((line) => console.error(`sriov: ${line}`));
    const { program, env } = qemuProgram(parts);
    // The path of a socket is short.
    const sockets = await mkdtemp(join(tmpdir(), 'vswitch-sriov-'));
    const monitor = join(sockets, 'monitor');
    const guestScripts = join(root, 'test/sriov/guest');
    const args = qemuArguments({ machine: parts, guestScripts, logs: logsFolder, monitor, nic, outside });
    // It must not outlive the test, however that ends.
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env });
    qemu.stderr.pipe(createWriteStream(join(logsFolder, 'qemu.log')));
    try {
      const agent = new Agent(qemu);
      await agent.ready;
      return new Guest(qemu, agent, await Monitor.open(monitor));
    } catch (error) {
      qemu.kill('SIGKILL');
      throw error;
    } finally {
      await rm(sockets, { recursive: true });
    }
  }

  /** Starts a program in the guest. */
  start(...argv: readonly [string, ...string[]]): GuestProgram {
    return this.#agent.order(argv.join(' '), { argv });
  }

  /** Runs a program in the guest to its end, which may be a failure. */
  run(...argv: readonly [string, ...string[]]): Promise<Ended> {
    return this.start(...argv).ended;
  }

  /** Asks an HTTP server in the guest. @returns its status, 0 where nobody answers, and what it says */
  ask(socket: string, method: string, path: string, body?: unknown): Promise<Pick<Ended, 'code' | 'out'>> {
    return this.#agent.order(`${method} ${path}`, { socket, method, path, body }).ended;
  }

  /** Runs a shell script that has to succeed; what it says on standard output. */
  async shell(script: string): Promise<string> {
    const { code, out, err } = await this.run('sh', '-euc', script);
    if (code === 0) return out;
    throw new Error(`in the guest failed (${code}): ${err.trim() || out.trim()}\n${script}`);
  }

  /** Ends it at once; nothing in it is worth to be kept. */
  async close(): Promise<void> {
    this.monitor.close();
    this.#qemu.kill('SIGKILL');
    await this.#agent.gone;
  }
}

/** Speaks to the agent by QEMU's standard input and output. */
class Agent {
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  readonly #qemu: ChildProcessWithoutNullStreams;
  readonly #programs = new Map<number, GuestProgram>();
  #next = 1;

  constructor(qemu: ChildProcessWithoutNullStreams) {
    this.#qemu = qemu;
    this.gone = new Promise((resolve) => {
      qemu.once('close', () => {
        for (const program of this.#programs.values()) program.end(-1);
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      qemu.once('error', reject);
      void this.gone.then(() => reject(new Error('the guest ended while it booted')));
      createInterface(qemu.stdout).on('line', (line) => {
        const message = JSON.parse(line) as Message;
        if (message.id === 0) resolve();
        else this.#heard(message);
      });
    });
  }

  order(title: string, what: object): GuestProgram {
    const id = this.#next++;
    const send = (message: object): void => void this.#qemu.stdin.write(`${JSON.stringify({ id, ...message })}\n`);
    const program = new GuestProgram(title, send);
    this.#programs.set(id, program);
    send(what);
    return program;
  }

  #heard({ id, out, err, code }: Message): void {
    const program = this.#programs.get(id);
    // An answer to a request has both.
    if (out !== undefined) program?.said(out);
    if (err !== undefined) program?.complained(err);
    if (code === undefined) return;
    this.#programs.delete(id);
    program?.end(code);
  }
}
