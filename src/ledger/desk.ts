import type { LedgerFault, LedgerPosition, UsageRecord } from '../model/usage-record.js';
import { answerBill, isChange, type BillAnswers, type BillRequest } from './bill-desk.js';
import { faultOf, LedgerError } from './faults.js';
import { openForReading } from './open.js';
import { LedgerReader, type RecordQuery } from './reader.js';
import type { IntervalReport } from './reading.js';
import { LedgerWriter, type WriterOptions } from './writer.js';

/** What is asked of the ledger's thread. */
export type DeskRequest =
  | { readonly verb: 'open'; readonly options: WriterOptions }
  | { readonly verb: 'append'; readonly report: IntervalReport }
  | { readonly verb: 'records'; readonly query: RecordQuery }
  | { readonly verb: 'bill'; readonly request: BillRequest }
  | { readonly verb: 'close' };

/** Whether an interval is in the ledger. `stale`: another one is the last; the report has to begin there. */
export type AppendAnswer =
  | {
      readonly outcome: 'appended';
      readonly position: LedgerPosition;
      readonly jumpedMs: number;
      readonly movedAside?: MovedAside;
    }
  | { readonly outcome: 'stale'; readonly interval: number }
  | Failed;

export interface Failed {
  readonly outcome: 'failed';
  readonly fault: LedgerFault;
  readonly message: string;
  /** Of an append: it failed where the file may have it nevertheless. */
  readonly perhapsWritten: boolean;
}

export type OpenAnswer =
  { readonly outcome: 'open'; readonly position: LedgerPosition; readonly movedAside?: MovedAside } | Failed;

/** A corrupt file that the ledger now follows. */
export interface MovedAside {
  readonly path: string;
  readonly because: string;
}

export interface DeskAnswers {
  readonly open: OpenAnswer;
  readonly append: AppendAnswer;
  readonly records: { readonly outcome: 'read'; readonly records: readonly UsageRecord[] } | Failed;
  readonly bill: { readonly outcome: 'read'; readonly answer: BillAnswers[BillRequest['ask']] } | Failed;
  readonly close: { readonly outcome: 'closed' };
}
export type DeskAnswer = DeskAnswers[keyof DeskAnswers];

/**
 * The ledger behind its thread: one request at a time. After a fault the file is opened anew by the next request, so that what is known of
 * it is what is on the disk.
 */
export class LedgerDesk {
  #options: WriterOptions | undefined;
  #writer: LedgerWriter | undefined;
  readonly #openWriter: (options: WriterOptions, corrupt?: string) => LedgerWriter;

  /** @param openWriter tests give one whose file breaks. */
  constructor(openWriter = (options: WriterOptions, corrupt?: string) => new LedgerWriter(options, corrupt)) {
    this.#openWriter = openWriter;
  }

  answer(request: DeskRequest): DeskAnswer {
    try {
      switch (request.verb) {
        case 'open':
          this.#options = request.options;
          return { outcome: 'open', ...this.#open() };
        case 'append':
          return this.#append(request.report);
        case 'records':
          return { outcome: 'read', records: this.#read((db) => new LedgerReader(db).records(request.query)) };
        case 'bill':
          return { outcome: 'read', answer: this.#bill(request.request) };
        case 'close':
          this.#close();
          return { outcome: 'closed' };
      }
    } catch (error) {
      const perhapsWritten = request.verb === 'append' && this.#writer !== undefined;
      this.#close();
      return { outcome: 'failed', fault: faultOf(error), message: messageOf(error), perhapsWritten };
    }
  }

  #append(report: IntervalReport): AppendAnswer {
    const { movedAside } = this.#open();
    const { interval } = this.#writing();
    if (interval !== report.after && interval > 0) return { outcome: 'stale', interval };
    try {
      return { outcome: 'appended', ...this.#writing().append(report), ...(movedAside ? { movedAside } : {}) };
    } catch (error) {
      if (faultOf(error) !== 'corrupt') throw error;
      this.#close();
      const again = this.#open(messageOf(error));
      return { outcome: 'appended', ...this.#writing().append(report), ...again };
    }
  }

  #open(corrupt?: string): { readonly position: LedgerPosition; readonly movedAside?: MovedAside } {
    if (!this.#options) throw new LedgerError('io', 'the ledger was not opened');
    if (this.#writer?.gone) this.#close();
    const opens = this.#writer === undefined;
    this.#writer ??= this.#openWriter(this.#options, corrupt);
    const { position, follows } = this.#writer;
    return { position, ...(opens && follows ? { movedAside: follows } : {}) };
  }

  #writing(): LedgerWriter {
    if (!this.#writer) throw new LedgerError('io', 'the ledger is closed');
    return this.#writer;
  }

  /** A ledger that cannot be written now is read nevertheless. */
  #read<T>(work: (db: LedgerWriter['db']) => T): T {
    if (this.#writer) return work(this.#writer.db);
    if (!this.#options) throw new LedgerError('io', 'the ledger was not opened');
    const db = openForReading(this.#options.path);
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  #bill(request: BillRequest): BillAnswers[BillRequest['ask']] {
    if (request.ask === 'recordTariffs') return this.#writing().recordTariffs(request);
    return isChange(request) ? answerBill(this.#writing().db, request) : this.#read((db) => answerBill(db, request));
  }

  #close(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.close();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
