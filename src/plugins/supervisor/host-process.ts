import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { FrameError, frameOf } from '../wire/frames.js';
import type { HostOrder, HostReport } from '../wire/messages.js';
import type { HostBudgets } from './budgets.js';
import { Intake } from './intake.js';
import { printedLines } from './output.js';
import { tickMs, Watch } from './watch.js';

export interface HostProcessDeps {
  readonly command: readonly [command: string, args: readonly string[]];
  /** The packets' stream, which is the process's from then on. */
  readonly puntFd: number;
  readonly budgets: HostBudgets;
  report(report: HostReport): Promise<void> | void;
  printed(line: string): void;
  /** Once; why it ended, and whether that was asked for. */
  ended(reason: string, asked: boolean): void;
}

/** Until it says for the first time that it lives: of CPU time, as Node itself has to start. */
const startMs = 10_000;
/** A process that is silent and does not even run is waited for so many times longer: others may have the cores. */
const patience = 10;
const stopMs = 1000;
/** What it does not read is not kept without end. */
const maxUnreadBytes = 16 * 1024 * 1024;

/** A tenant's plugin process: kept within its budgets, and ended where it does not answer. */
export class HostProcess {
  readonly #deps: HostProcessDeps;
  readonly #child: ChildProcess;
  readonly #control: Duplex;
  readonly #intake: Intake;
  readonly #watch: Watch;
  readonly #timer: NodeJS.Timeout;
  readonly #gone: Promise<void>;
  /** For how long it has said nothing, the time left out for which it was stopped. */
  #silentMs = 0;
  /** What it had run when it last said something. */
  #heardCpuMs = 0;
  #limitMs: number;
  #beatInMs = 0;
  /** Why it is being ended. */
  #verdict: string | undefined;
  #asked = false;
  #lastLine = '';

  constructor(deps: HostProcessDeps) {
    this.#deps = deps;
    const { budgets, puntFd } = deps;
    const [command, args] = deps.command;
    this.#child = spawn(command, args, {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe', puntFd, 'pipe'],
    });
    this.#control = this.#child.stdio[4] as Duplex;
    this.#control.on('error', () => undefined); // Its end is told by its exit.
    this.#intake = new Intake(this.#control, (report) => this.#take(report));
    this.#limitMs = Math.max(startMs, budgets.heartbeatMs);
    const { memoryMib, cpuPercent } = budgets;
    this.#watch = new Watch({
      pid: this.#child.pid ?? 0,
      memoryMib,
      cpuPercent,
      now: () => performance.now(),
      signal: (name) => void this.#child.kill(name),
      overMemory: (bytes) => this.kill(`its process used ${Math.ceil(bytes / 2 ** 20)} MiB of memory, and may use ${memoryMib}`),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#gone = this.#follow();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get usage(): { readonly cpuMs: number; readonly residentBytes: number; readonly throttledMs: number } {
    const { cpuMs, residentBytes, throttledMs } = this.#watch;
    return { cpuMs, residentBytes, throttledMs };
  }

  send(order: HostOrder): void {
    if (this.#control.writableLength > maxUnreadBytes) this.kill('its process does not read what it is told');
    else if (this.#control.writable) this.#control.write(frameOf(order));
  }

  /** Takes no messages for so long. */
  hold(ms: number): Promise<void> {
    return this.#intake.hold(ms);
  }

  /** Asks it to end, and ends it where it does not. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#asked = true;
    this.send({ type: 'stop' });
    if (this.#watch.isStopped) this.#child.kill('SIGCONT');
    const timer = setTimeout(() => this.kill('its process did not stop in time'), stopMs);
    await this.#gone;
    clearTimeout(timer);
  }

  kill(reason: string): void {
    this.#verdict ??= reason;
    this.#child.kill('SIGKILL');
  }

  #tick(): void {
    this.#watch.tick();
    if (this.#watch.isStopped) return;
    this.#silentMs += tickMs;
    this.#beatInMs -= tickMs;
    const ranMs = this.#watch.cpuMs - this.#heardCpuMs;
    if (ranMs > this.#limitMs || this.#silentMs > patience * this.#limitMs) {
      this.kill(
        this.#intake.isHeldBack
          ? 'its process sent more than it may'
          : `its process gave no sign of life while it ran for ${ranMs} ms`,
      );
    } else if (this.#beatInMs <= 0) {
      this.#beatInMs = this.#deps.budgets.heartbeatMs / 3;
      this.send({ type: 'beat' });
    }
  }

  #take(report: HostReport): Promise<void> | void {
    this.#silentMs = 0;
    this.#heardCpuMs = this.#watch.cpuMs;
    if (report.type === 'beat') this.#limitMs = this.#deps.budgets.heartbeatMs;
    return this.#deps.report(report);
  }

  async #follow(): Promise<void> {
    const { printed } = this.#deps;
    const line = (text: string): void => {
      if (text.includes('heap out of memory')) this.#verdict ??= 'its process had no heap left';
      this.#lastLine = text;
      printed(text);
    };
    const streams = [this.#child.stdout, this.#child.stderr].filter((stream): stream is Readable => stream !== null);
    const printing = streams.map((stream) => printedLines(stream, line));
    const taking = this.#intake.run().catch((error: unknown) => {
      if (error instanceof FrameError) this.kill(`its process sent ${error.message}`);
    });
    const how = await new Promise<string>((resolve) => {
      this.#child.once('error', (error) => resolve(`its process could not be started: ${error.message}`));
      this.#child.once('exit', (code, signal) =>
        resolve(signal === null ? `its process exited with ${code ?? 0}` : `its process was ended by ${signal}`),
      );
    });
    clearInterval(this.#timer);
    await Promise.race([Promise.all([...printing, taking]), new Promise((resolve) => setTimeout(resolve, stopMs))]);
    this.#control.destroy();
    for (const stream of streams) stream.destroy();
    const failed =
      this.#verdict ?? (/^\s*at |^$/.test(this.#lastLine) ? how : `${how}${this.#lastLine === '' ? '' : `: ${this.#lastLine}`}`);
    this.#deps.ended(this.#asked && this.#verdict === undefined ? 'stopped' : failed, this.#asked);
  }
}
