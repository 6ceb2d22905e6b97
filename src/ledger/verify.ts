import type Database from 'better-sqlite3';
import { headText, type LedgerNote, type UsageRecord } from '../model/usage-record.js';
import { chainStart, hashOf } from './chain.js';
import { readRecords, type KeptRecord } from './row.js';
import { sameCounters, Sums } from './sums.js';
import { tariffFindings } from './tariff-chain.js';

export interface LedgerFinding {
  /** Sequence number of the record that is wrong, or of the first that is missing. */
  readonly sequence: number;
  readonly message: string;
}

export interface VerifyReport {
  readonly records: number;
  /** The last record, `SEQUENCE:HASH`; null without one. */
  readonly head: string | null;
  readonly first: { readonly fromMs: number } | null;
  readonly last: { readonly toMs: number } | null;
  /** Records that retention dropped after their roll-up. */
  readonly dropped: number;
  /** Whether the given head is in the chain; null where none was given. */
  readonly headFound: boolean | null;
  /** Empty: nothing was changed or removed. */
  readonly findings: readonly LedgerFinding[];
}

/** Past these one knows. */
const findingsTold = 20;

/**
 * Proves that no record and no tariff was changed, and that none was removed but records by retention.
 * @param head that somebody noted down outside: proves that nothing was cut off at the end.
 */
export function verifyLedger(db: Database.Database, head?: string): VerifyReport {
  const walk = new Walk(head);
  try {
    for (const kept of readRecords(db, 'ORDER BY seq', [])) {
      walk.visit(kept);
      if (walk.findings.length >= findingsTold) break;
    }
  } catch (error) {
    walk.find(walk.next, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const { sequence, message } of tariffFindings(db, walk.tariffs)) walk.find(sequence, message);
  for (const message of damageOf(db)) walk.find(walk.next, message);
  return walk.report();
}

/** SQLite's own check: bills are read from an index, which has to be that of the records. */
function damageOf(db: Database.Database): string[] {
  try {
    const told = db.prepare<[], { integrity_check: string }>('PRAGMA integrity_check(3)').all();
    return told.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

type Dropped = Extract<LedgerNote, { type: 'dropped' }>;

class Walk {
  readonly findings: LedgerFinding[] = [];
  /** Records of tariffs. */
  readonly tariffs: UsageRecord[] = [];
  next = 1;
  readonly #wantedHead: string | undefined;
  #headFound = false;
  #hash: Uint8Array = chainStart;
  #records = 0;
  #first: UsageRecord | undefined;
  #last: UsageRecord | undefined;
  readonly #gaps: { readonly first: number; readonly last: number }[] = [];
  readonly #dropped: Dropped[] = [];
  /** Of the records since the last roll-up to each resolution; `whole` where all of them are there. */
  readonly #since: Readonly<Record<'hourly' | 'daily', RollUpCheck>> = { hourly: new RollUpCheck(), daily: new RollUpCheck() };

  constructor(wantedHead: string | undefined) {
    this.#wantedHead = wantedHead;
  }

  find(sequence: number, message: string): void {
    this.findings.push({ sequence, message });
  }

  visit({ record, hash, prev }: KeptRecord): void {
    const { sequence } = record;
    const gap = sequence !== this.next;
    if (gap) {
      this.#gaps.push({ first: this.next, last: sequence - 1 });
      for (const check of Object.values(this.#since)) check.whole = false;
      this.#see(sequence - 1, prev);
    }
    const before = gap ? prev : this.#hash;
    if (before === null || !hashOf(before, record).equals(hash)) {
      this.find(sequence, gap && before === null ? 'the records before it were removed' : 'was changed, or one before it was');
    }
    this.#see(sequence, hash);
    this.#note(record, before);
    if (record.note?.type === 'tariffs') this.tariffs.push(record);
    this.#sum(record);
    this.#hash = hash;
    this.next = sequence + 1;
    this.#records++;
    this.#first ??= record;
    this.#last = record;
  }

  report(): VerifyReport {
    this.#checkGaps();
    const last = this.#last;
    if (!last) this.find(1, 'there is no record');
    const headFound = this.#wantedHead === undefined ? null : this.#headFound;
    if (headFound === false) this.find(this.next, this.#missingHead());
    return {
      records: this.#records,
      head: last ? headText({ sequence: last.sequence, hash: Buffer.from(this.#hash).toString('hex') }) : null,
      first: this.#first ? { fromMs: this.#first.fromMs } : null,
      last: last ? { toMs: last.toMs } : null,
      dropped: this.#dropped.reduce((sum, { records }) => sum + records, 0),
      headFound,
      findings: this.findings.sort((a, b) => a.sequence - b.sequence),
    };
  }

  #missingHead(): string {
    const sequence = Number(this.#wantedHead?.split(':')[0]);
    if (sequence >= this.next) return `the ledger ends before the head that was noted down, which is record ${sequence}`;
    if (this.#gaps.some(({ first, last }) => first <= sequence && sequence <= last))
      return 'the head that was noted down is of a record which retention dropped since: note one down more often than rawDays';
    return 'the head that was noted down is not of this ledger, or the ledger was written anew';
  }

  #see(sequence: number, hash: Uint8Array | null): void {
    if (hash !== null && headText({ sequence, hash: Buffer.from(hash).toString('hex') }) === this.#wantedHead)
      this.#headFound = true;
  }

  #note({ sequence, note, resolution }: UsageRecord, before: Uint8Array | null): void {
    if (note?.type === 'dropped') this.#dropped.push(note);
    if (note?.type !== 'rolled_up') return;
    if (note.last !== sequence - 1 || before === null || note.lastHash !== Buffer.from(before).toString('hex'))
      this.find(sequence, 'the roll-up is not of the records before it');
    if (resolution === 'hourly' || resolution === 'daily') this.#since[resolution].begin();
  }

  #sum(record: UsageRecord): void {
    const { kind, resolution, sequence } = record;
    if (kind === 'note' || kind === 'roll_up') return;
    if (resolution === 'raw') this.#since.hourly.sums.add(record);
    if (resolution === 'hourly') this.#since.daily.sums.add(record);
    if (resolution !== 'hourly' && resolution !== 'daily') return;
    if (!this.#since[resolution].agrees(record)) this.find(sequence, 'the roll-up is not the sum of its records');
  }

  /** What is missing has to be what was told to be dropped, neither more nor less. */
  #checkGaps(): void {
    const missing = this.#gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const told = this.#dropped.reduce((sum, { records }) => sum + records, 0);
    const [unexplained] = this.#gaps.filter(({ first, last }) => !covered(first, last, this.#dropped));
    if (unexplained) this.find(unexplained.first, `records ${unexplained.first} to ${unexplained.last} were removed`);
    else if (missing !== told)
      this.find(this.#gaps[0]?.first ?? 1, `${missing} records are missing, ${told} were dropped by retention`);
  }
}

/** Sums of the records that the next roll-up is of, and of those that the last one was of. */
class RollUpCheck {
  sums = new Sums();
  /** Whether every record since the last roll-up was seen. */
  whole = true;
  #rolledUp: Sums | undefined;

  begin(): void {
    this.#rolledUp = this.whole ? this.sums : undefined;
    this.sums = new Sums();
    this.whole = true;
  }

  agrees(record: UsageRecord): boolean {
    return this.#rolledUp === undefined || sameCounters(this.#rolledUp.of(record), record.counters);
  }
}

/** Whether every number of a gap is in a range that was dropped. */
function covered(first: number, last: number, ranges: readonly Dropped[]): boolean {
  let next = first;
  for (const range of [...ranges].sort((a, b) => a.first - b.first))
    if (range.first <= next) next = Math.max(next, range.last + 1);
  return next > last;
}
