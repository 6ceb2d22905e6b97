import { VswitchError } from '../model/errors.js';
import type { UsageRecord } from '../model/usage-record.js';
import type { BillAnswers, BillRequest } from './bill-desk.js';
import type { Failed, OpenAnswer } from './desk.js';
import { faultRemedies } from './faults.js';
import { LedgerKeeper, type KeeperDeps, type KeeperStatus } from './keeper.js';
import type { LedgerOptions } from './options.js';
import type { RecordQuery } from './reader.js';
import type { Reading } from './reading.js';
import { LedgerThread } from './thread-client.js';

export interface LedgerStatus extends KeeperStatus {
  readonly path: string;
  readonly bootId: string;
  readonly intervalMs: number;
}

/** A disk that hangs must not keep the switch from stopping. */
const finishLimitMs = 1000;

/** The usage ledger of a running switch. */
export class LedgerService {
  readonly #options: LedgerOptions;
  readonly #thread: LedgerThread;
  readonly #opened: OpenAnswer;
  readonly #atStart: Reading = { atMs: performance.now(), wallMs: Date.now(), tscHz: 0n, subjects: [] };
  #keeper: LedgerKeeper | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(options: LedgerOptions, thread: LedgerThread, opened: OpenAnswer) {
    this.#options = options;
    this.#thread = thread;
    this.#opened = opened;
  }

  /**
   * Takes the ledger for this process. A disk that cannot be written is no reason not to forward: it is tried again each interval.
   * @throws VswitchError LEDGER_IN_USE, LEDGER_UNREADABLE where the file is another program's.
   */
  static async open(options: LedgerOptions): Promise<LedgerService> {
    const thread = new LedgerThread(options.writer);
    const opened = await thread.open();
    if (opened.outcome === 'failed' && (opened.fault === 'in_use' || opened.fault === 'foreign')) {
      await thread.end();
      throw refused(opened, options.writer.path);
    }
    return new LedgerService(options, thread, opened);
  }

  /** Writes an interval after the other from now on; the first began when the ledger was taken, with every counter at 0. */
  start(deps: Omit<KeeperDeps, 'ledger'>): void {
    const ledger = {
      append: (report: Parameters<KeeperDeps['ledger']['append']>[0]) => this.#thread.ask({ verb: 'append', report }),
    };
    const keeper = new LedgerKeeper({ ...deps, ledger }, this.#atStart, this.#opened);
    this.#keeper = keeper;
    this.#timer = setInterval(() => void keeper.write(), this.#options.intervalMs);
  }

  /** Writes what is left, and gives the file back. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    const limit = setTimeout(() => this.#thread.abandon(), finishLimitMs);
    await this.#keeper?.finish();
    await this.#thread.end();
    clearTimeout(limit);
  }

  status(): LedgerStatus {
    const { writer, intervalMs } = this.#options;
    const status = this.#keeper?.status(performance.now()) ?? notStarted;
    return { path: writer.path, bootId: writer.bootId, intervalMs, ...status };
  }

  /** @throws VswitchError LEDGER_UNREADABLE */
  async records(query: RecordQuery): Promise<readonly UsageRecord[]> {
    const answer = await this.#thread.ask({ verb: 'records', query });
    if (answer.outcome === 'failed') throw refused(answer, this.#options.writer.path);
    return answer.records;
  }

  /** What bills and the export ask. @throws VswitchError LEDGER_UNREADABLE */
  async bill<R extends BillRequest>(request: R): Promise<BillAnswers[R['ask']]> {
    const answer = await this.#thread.ask({ verb: 'bill', request });
    if (answer.outcome === 'failed') throw refused(answer, this.#options.writer.path);
    return answer.answer as BillAnswers[R['ask']];
  }
}

const notStarted: KeeperStatus = { position: null, fault: null, failures: new Map(), clockJumps: 0, pendingMs: 0 };

function refused({ fault, message }: Failed, path: string): VswitchError {
  const code = fault === 'in_use' ? 'LEDGER_IN_USE' : 'LEDGER_UNREADABLE';
  return new VswitchError(code, message, [
    { pointer: '/accounting/ledger/path', value: path, message, remedy: faultRemedies[fault] },
  ]);
}
