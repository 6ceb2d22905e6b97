import type { SwitchEvent } from '../model/event.js';
import type { LedgerFault, LedgerPosition } from '../model/usage-record.js';
import type { AppendAnswer, Failed, OpenAnswer } from './desk.js';
import { faultRemedies } from './faults.js';
import { reportBetween, type IntervalReport, type Reading } from './reading.js';

/** The ledger as the keeper writes it; it never rejects. */
export interface KeptLedger {
  append(report: IntervalReport): Promise<AppendAnswer | Failed>;
}

export interface KeeperDeps {
  readonly ledger: KeptLedger;
  /** The counters now. */
  read(): Promise<Reading>;
  publish(event: SwitchEvent): void;
  readonly log: {
    error(what: object, text: string): void;
    warn(what: object, text: string): void;
    info(what: object, text: string): void;
  };
}

/** What operators are told of the ledger. */
export interface KeeperStatus {
  /** Of the last interval that is in the ledger; null before the first. */
  readonly position: LedgerPosition | null;
  /** Null where the last interval was written. */
  readonly fault: { readonly fault: LedgerFault; readonly message: string; readonly remedy: string } | null;
  /** How often intervals could not be written, by why. */
  readonly failures: ReadonlyMap<LedgerFault, number>;
  readonly clockJumps: number;
  /** What a kill would lose now, in milliseconds. */
  readonly pendingMs: number;
}

/** Whatever was tried before the file could be opened the last time is known to be written or not. */
const mostTried = 8;

/**
 * Appends what was used to the ledger, an interval at a time. A record is what the counters grew since the reading that the last durable
 * record was made of; so an interval that could not be written is part of the next one, and none is written twice.
 */
export class LedgerKeeper {
  readonly #deps: KeeperDeps;
  /** What the last durable record was made of. */
  #base: Reading;
  #after = 0;
  /** Since the base, by interval: what may be in the ledger although nobody was told so. */
  readonly #tried = new Map<number, Reading>();
  #interval = 0;
  #running: Promise<void> | undefined;
  #position: LedgerPosition | null = null;
  #fault: Failed | undefined;
  readonly #failures = new Map<LedgerFault, number>();
  #clockJumps = 0;

  /** @param base the counters when the switch started. */
  constructor(deps: KeeperDeps, base: Reading, opened: OpenAnswer) {
    this.#deps = deps;
    this.#base = base;
    this.#heard(opened);
  }

  /** Writes an interval that ends now; one at a time: while one is being written it waits for that. Never rejects. */
  write(): Promise<void> {
    return (this.#running ??= this.#write().finally(() => (this.#running = undefined)));
  }

  /** Writes what is left; what is being written meanwhile is waited for. */
  async finish(): Promise<void> {
    await this.#running;
    await this.write();
  }

  status(nowMs: number): KeeperStatus {
    const fault = this.#fault;
    return {
      position: this.#position,
      fault: fault ? { fault: fault.fault, message: fault.message, remedy: faultRemedies[fault.fault] } : null,
      failures: this.#failures,
      clockJumps: this.#clockJumps,
      pendingMs: Math.max(0, nowMs - this.#base.atMs),
    };
  }

  async #write(): Promise<void> {
    try {
      const now = await this.#deps.read();
      const interval = ++this.#interval;
      this.#tried.set(interval, now);
      const answer = await this.#append(interval, now);
      if (answer.outcome !== 'stale') {
        this.#settle(interval, answer);
        return;
      }
      // It was written after all, and so is not to be written again.
      this.#base = this.#tried.get(answer.interval) ?? now;
      this.#after = answer.interval;
      this.#settle(interval, await this.#append(interval, now));
    } catch (err) {
      this.#deps.log.error({ err }, 'usage could not be read');
    }
  }

  #append(interval: number, now: Reading): Promise<AppendAnswer | Failed> {
    const late = interval !== this.#after + 1;
    return this.#deps.ledger.append(reportBetween(this.#base, now, { interval, after: this.#after, late }));
  }

  #settle(interval: number, answer: AppendAnswer | Failed): void {
    this.#heard(answer);
    if (answer.outcome === 'appended') {
      this.#base = this.#tried.get(interval) ?? this.#base;
      this.#after = interval;
      this.#tried.clear();
    } else if (answer.outcome === 'failed') {
      if (!answer.perhapsWritten) this.#tried.delete(interval);
      const [oldest] = this.#tried.keys();
      if (oldest !== undefined && this.#tried.size > mostTried) this.#tried.delete(oldest);
    }
  }

  #heard(answer: AppendAnswer | OpenAnswer | Failed): void {
    const { publish, log } = this.#deps;
    if (answer.outcome === 'failed') {
      const { fault, message } = answer;
      this.#failures.set(fault, (this.#failures.get(fault) ?? 0) + 1);
      if (this.#fault?.fault !== fault) {
        publish({ type: 'ledger_fault', fault, message });
        log.error({ fault, message, remedy: faultRemedies[fault] }, 'the usage ledger cannot be written');
      }
      this.#fault = answer;
      return;
    }
    if (answer.outcome === 'stale') return;
    if (answer.movedAside) this.#movedAside(answer.movedAside.path, answer.movedAside.because);
    if (this.#fault) {
      publish({ type: 'ledger_recovered', fault: this.#fault.fault });
      log.info({ fault: this.#fault.fault }, 'the usage ledger is written again; nothing was lost');
    }
    this.#fault = undefined;
    this.#position = answer.position;
    if (answer.outcome === 'appended' && answer.jumpedMs !== 0) {
      this.#clockJumps++;
      publish({ type: 'clock_jumped', byMs: Math.round(answer.jumpedMs) });
      log.warn({ byMs: answer.jumpedMs }, 'the wall clock jumped');
    }
  }

  #movedAside(path: string, because: string): void {
    const message = `the ledger was corrupt (${because}); it was moved to ${path}, and a new one was begun`;
    this.#failures.set('corrupt', (this.#failures.get('corrupt') ?? 0) + 1);
    this.#deps.publish({ type: 'ledger_fault', fault: 'corrupt', message });
    this.#deps.log.error({ path, because, remedy: faultRemedies.corrupt }, message);
  }
}
