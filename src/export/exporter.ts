import type { UsageRecord } from '../model/usage-record.js';
import { cloudEvent } from './cloud-event.js';
import { postFaults, type Poster, type PostFault } from './post.js';

/** What is to be exported, and how far that has come; durable. */
export interface ExportSource {
  /** Sequence number of the last record that the receiver has; 0 before the first. */
  position(): Promise<number>;
  setPosition(sequence: number): Promise<void>;
  /** Records of tenants after a position. `last`: how far was looked; `missed`: records that are no longer kept. */
  read(
    after: number,
    limit: number,
  ): Promise<{ readonly records: readonly UsageRecord[]; readonly last: number; readonly missed: number }>;
}

export interface ExporterDeps {
  readonly source: ExportSource;
  readonly poster: Poster;
  readonly intervalMs: number;
  /** Records that are sent at once, at most. */
  readonly batch: number;
  readonly log: { warn(what: object, text: string): void; info(what: object, text: string): void };
  /** Calls `work` after a while; returns how to cancel it. */
  after?(ms: number, work: () => void): () => void;
  random?(): number;
}

/** Why something was not exported; `ledger`: its own records could not be read. */
export const exportFaults = [...postFaults, 'ledger'] as const;
export type ExportFault = PostFault | 'ledger';

export interface ExportStatus {
  /** Since the switch started. */
  readonly events: number;
  readonly failures: ReadonlyMap<ExportFault, number>;
  readonly missed: number;
  /** Sequence number of the last record that the receiver has. */
  readonly position: number;
  /** By the wall clock; undefined before the first. */
  readonly lastSuccessMs: number | undefined;
}

const firstDelayMs = 1000;
const longestDelayMs = 300_000;

const timer = (ms: number, work: () => void): (() => void) => {
  const timeout = setTimeout(work, ms).unref();
  return () => clearTimeout(timeout);
};

/**
 * Sends usage records to a receiver, each at least once: the position goes forward when the receiver has taken a batch, and a batch of
 * which that is not certain is sent again. What does not succeed is tried again after 1 s, 2 s, 4 s and so on to 5 min, without end.
 */
export class Exporter {
  readonly #deps: ExporterDeps;
  readonly #failures = new Map<ExportFault, number>();
  #limit: number;
  #events = 0;
  #missed = 0;
  #position = 0;
  #lastSuccessMs: number | undefined;
  /** In a row. */
  #failed = 0;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: ExporterDeps) {
    this.#deps = deps;
    this.#limit = deps.batch;
  }

  start(): void {
    this.#wait(0);
  }

  /** What is on its way is given up; it is sent again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#deps.poster.close();
    await this.#running;
  }

  status(): ExportStatus {
    return {
      events: this.#events,
      failures: this.#failures,
      missed: this.#missed,
      position: this.#position,
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  #wait(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = (this.#deps.after ?? timer)(ms, () => {
      this.#running = this.#step().then((nextMs) => this.#wait(nextMs));
    });
  }

  /** Sends a batch. @returns when to send the next. */
  async #step(): Promise<number> {
    const { source, poster, intervalMs } = this.#deps;
    try {
      this.#position = await source.position();
      const { records, last, missed } = await source.read(this.#position, this.#limit);
      if (last === this.#position) return this.#succeeded(intervalMs);
      const events = records.flatMap((record) => cloudEvent(record) ?? []);
      const posted = events.length === 0 ? ({ taken: true } as const) : await poster.post(events);
      if (!posted.taken) {
        if (posted.tooLarge) this.#limit = Math.max(1, Math.floor(this.#limit / 2));
        return this.#failure(posted.fault, posted.reason);
      }
      await source.setPosition(last);
      this.#position = last;
      this.#events += events.length;
      this.#noteMissed(missed);
      return this.#succeeded(0);
    } catch (error) {
      return this.#failure('ledger', error instanceof Error ? error.message : String(error));
    }
  }

  #noteMissed(missed: number): void {
    if (missed === 0) return;
    this.#missed += missed;
    this.#deps.log.warn({ missed }, 'usage records were dropped by retention before they could be exported');
  }

  #succeeded(nextMs: number): number {
    if (this.#failed > 0) this.#deps.log.info({ failures: this.#failed }, 'usage is exported again');
    this.#failed = 0;
    this.#lastSuccessMs = Date.now();
    return nextMs;
  }

  /** Told once, until it works again. The delays of several switches drift apart, so that they do not all come back at once. */
  #failure(fault: ExportFault, reason: string): number {
    if (this.#stopped) return 0;
    if (this.#failed === 0) this.#deps.log.warn({ fault, reason }, 'usage could not be exported; it is tried again');
    this.#failures.set(fault, (this.#failures.get(fault) ?? 0) + 1);
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** this.#failed++);
    return delayMs * (1 + (this.#deps.random ?? Math.random)() / 2);
  }
}
