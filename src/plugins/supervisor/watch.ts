import { cpuMsOf, memoryOf } from '../../process/usage.js';
import { Bucket } from './budgets.js';

/** So often its CPU time is looked at. */
export const tickMs = 100;
const memoryEveryTicks = 5;

export interface WatchDeps {
  readonly pid: number;
  readonly memoryMib: number;
  readonly cpuPercent: number;
  readonly now: () => number;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** It uses more memory than it may. */
  overMemory(bytes: number): void;
}

/** Looks at what a process uses, and lets it rest while it used more CPU than it may. */
export class Watch {
  readonly #deps: WatchDeps;
  readonly #cpu: Bucket;
  #ticks = 0;
  cpuMs = 0;
  residentBytes = 0;
  /** For how long it was stopped. */
  throttledMs = 0;
  /** Whether it rests now. */
  isStopped = false;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    const perSecond = deps.cpuPercent * 10;
    this.#cpu = new Bucket(perSecond, perSecond, deps.now());
  }

  /** Done every `tickMs`. */
  tick(): void {
    const { pid, now, signal, memoryMib, overMemory } = this.#deps;
    const cpuMs = cpuMsOf(pid);
    if (cpuMs === undefined) return;
    const overMs = this.#cpu.take(cpuMs - this.cpuMs, now());
    this.cpuMs = cpuMs;
    if (this.isStopped) {
      this.throttledMs += tickMs;
      if (overMs === 0) {
        this.isStopped = false;
        signal('SIGCONT');
      }
    } else if (overMs > 0) {
      this.isStopped = true;
      signal('SIGSTOP');
    }
    if (this.#ticks++ % memoryEveryTicks > 0) return;
    this.residentBytes = memoryOf(pid)?.residentBytes ?? 0;
    if (this.residentBytes > memoryMib * 2 ** 20) overMemory(this.residentBytes);
  }
}
