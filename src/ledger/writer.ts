import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { dayMs, hourMs, type LedgerNote, type LedgerPosition, type UsageRecord } from '../model/usage-record.js';
import { packageVersion } from '../version.js';
import { chainStart, hashOf } from './chain.js';
import { LedgerError } from './faults.js';
import { lockLedger, openLedger } from './open.js';
import type { IntervalReport } from './reading.js';
import { drop, type Keep } from './retention.js';
import { RecordRows, readRecords, type KeptRecord } from './row.js';
import { Sums, type NewRecord } from './sums.js';
import { noteOf, tariffRows, unchainedTariffs, type TariffRow } from './tariff-chain.js';
import { recordTimes } from './times.js';

export interface WriterOptions {
  readonly path: string;
  readonly instance: string;
  readonly bootId: string;
  readonly keep: Keep;
}

export interface Appended {
  readonly position: LedgerPosition;
  /** See recordTimes. */
  readonly jumpedMs: number;
}

/** Where the chain ends, and what was rolled up of it. */
interface End {
  sequence: number;
  hash: Uint8Array;
  toMs: number;
  bootId: string;
  interval: number;
  /** Last record of the last roll-up; 0 before the first. */
  hourly: number;
  daily: number;
}

/** Writes a ledger. A call is one transaction: what it tells is on the disk, and what fails changed nothing. */
export class LedgerWriter {
  /** Set where the ledger was begun because another was corrupt. */
  readonly follows: { readonly path: string; readonly because: string } | undefined;
  readonly #options: WriterOptions;
  readonly #lock: Database.Database;
  readonly #db: Database.Database;
  readonly #rows: RecordRows;
  readonly #inode: number;
  #end: End;

  /**
   * @param corrupt why the file is known to be, so that it is moved aside.
   * @throws what faultOf names; nothing is held then.
   */
  constructor(options: WriterOptions, corrupt?: string) {
    this.#options = options;
    this.#lock = lockLedger(options.path);
    try {
      const { db, follows } = openLedger(options.path, corrupt);
      this.#db = db;
      this.follows = follows;
      this.#rows = new RecordRows(db);
      this.#inode = statSync(options.path).ino;
      this.#end = endOf(db);
      if (this.#end.sequence === 0) this.#begin();
      this.#chainTariffs();
    } catch (error) {
      this.#lock.close();
      throw error;
    }
  }

  get db(): Database.Database {
    return this.#db;
  }

  /** Whether somebody removed or replaced the file meanwhile: what is written would be lost. */
  get gone(): boolean {
    return statSync(this.#options.path, { throwIfNoEntry: false })?.ino !== this.#inode;
  }

  get position(): LedgerPosition {
    const { sequence, hash, toMs } = this.#end;
    return { sequence, hash: Buffer.from(hash).toString('hex'), toMs, bytes: sizeOf(this.#options.path) };
  }

  /** Of this process's intervals the last that is in the ledger; 0 before the first. */
  get interval(): number {
    return this.#end.bootId === this.#options.bootId ? this.#end.interval : 0;
  }

  /**
   * Adds the records of an interval, after the roll-ups that are due.
   * @throws what faultOf names.
   */
  append(report: IntervalReport): Appended {
    const follows = this.interval > 0;
    const times = recordTimes(report, this.#end.toMs, follows);
    return this.#transaction((end) => {
      if (end.toMs > 0) this.#rollUp(end, times.fromMs);
      const { instance, bootId } = this.#options;
      for (const { kind, tenant, counters } of report.subjects) {
        this.#add(end, {
          kind,
          tenant,
          counters,
          resolution: 'raw',
          instance,
          bootId,
          interval: report.interval,
          fromMs: times.fromMs,
          toMs: times.toMs,
          durationMs: Math.round(report.durationMs),
          tscHz: report.tscHz,
          flags: [...(times.jumpedMs === 0 ? [] : (['clock_jumped'] as const)), ...(report.late ? (['late'] as const) : [])],
          note: null,
        });
      }
      end.toMs = times.toMs;
      end.bootId = bootId;
      end.interval = report.interval;
      return times.jumpedMs;
    });
  }

  /**
   * Puts tariffs beside the records and into their chain, where they are others than the last. Time does not go back here: what was
   * recorded before stays before, whatever the clock says.
   * @returns whether they were others. @throws what faultOf names.
   */
  recordTariffs({ sinceMs, hash, text }: TariffRow): boolean {
    const last = tariffRows(this.#db).at(-1);
    if (last?.hash === hash) return false;
    const row = { sinceMs: Math.max(sinceMs, last ? last.sinceMs + 1 : 0), hash, text };
    this.#transaction((end) => {
      this.#db.prepare('INSERT INTO tariffs VALUES (?, ?, ?)').run(row.sinceMs, hash, text);
      this.#tell(end, noteOf(row), row.sinceMs);
      return 0;
    });
    return true;
  }

  close(): void {
    this.#db.close();
    this.#lock.close();
  }

  #begin(): void {
    const { follows } = this;
    const text: LedgerNote = {
      type: 'begun',
      version: packageVersion,
      ...(follows ? { follows: follows.path, because: follows.because } : {}),
    };
    this.#transaction((end) => {
      this.#tell(end, text, Date.now());
      return 0;
    });
  }

  /** Tariffs that an older version wrote are proven from now on. */
  #chainTariffs(): void {
    const rows = unchainedTariffs(this.#db);
    if (rows.length === 0) return;
    this.#transaction((end) => {
      for (const row of rows) this.#tell(end, noteOf(row), row.sinceMs);
      return 0;
    });
  }

  #transaction(work: (end: End) => number): Appended {
    const end = { ...this.#end };
    try {
      const jumpedMs = this.#db.transaction(() => work(end)).immediate();
      this.#end = end;
      return { position: this.position, jumpedMs };
    } catch (error) {
      this.#rows.forget();
      throw error;
    }
  }

  #add(end: End, record: NewRecord): void {
    const whole: UsageRecord = { sequence: end.sequence + 1, ...record };
    const hash = hashOf(end.hash, whole);
    this.#rows.insert(whole, hash);
    end.sequence = whole.sequence;
    end.hash = hash;
  }

  #tell(end: End, note: LedgerNote, atMs: number, resolution: 'hourly' | 'daily' | null = null): void {
    const { instance, bootId } = this.#options;
    const kind = note.type === 'rolled_up' ? 'roll_up' : 'note';
    // prettier-ignore
    this.#add(end, { kind, resolution, tenant: null, instance, bootId, interval: end.interval, fromMs: atMs, toMs: atMs,
      durationMs: 0, tscHz: 0n, flags: [], counters: {}, note });
  }

  /** Rolls up the hour of the last records, and its day, where the next record begins in another. */
  #rollUp(end: End, nextFromMs: number): void {
    const last = lastOfInterval(this.#db);
    if (!last) throw new LedgerError('corrupt', `the records before ${end.sequence} are missing`);
    const { fromMs } = last.record;
    if (Math.floor(nextFromMs / hourMs) === Math.floor(fromMs / hourMs)) return;
    end.hourly = this.#sumUp(end, 'hourly', end.hourly);
    if (Math.floor(nextFromMs / dayMs) === Math.floor(fromMs / dayMs)) return;
    end.daily = this.#sumUp(end, 'daily', end.daily);
    for (const dropped of drop(this.#db, this.#options.keep)) this.#tell(end, dropped, end.toMs);
  }

  /** @returns the last sequence number of the roll-up. */
  #sumUp(end: End, resolution: 'hourly' | 'daily', after: number): number {
    const sums = new Sums();
    const of = resolution === 'hourly' ? 0 : 1;
    let first = 0;
    let tscHz = 0n;
    for (const { record } of readRecords(this.#db, 'WHERE seq > ? AND resolution = ? AND kind < 3 ORDER BY seq', [after, of])) {
      first ||= record.sequence;
      tscHz = record.tscHz;
      sums.add(record);
    }
    if (sums.size === 0) return after;
    const { instance, bootId } = this.#options;
    const lastHash = Buffer.from(end.hash).toString('hex');
    this.#tell(end, { type: 'rolled_up', first, last: end.sequence, lastHash }, end.toMs, resolution);
    const common = { resolution, instance, bootId, interval: end.interval, tscHz };
    for (const record of sums.records(common)) this.#add(end, record);
    return end.sequence;
  }
}

function endOf(db: Database.Database): End {
  const [last] = [...readRecords(db, 'ORDER BY seq DESC LIMIT 1', [])];
  const rolledUp = (resolution: number): number => {
    const told = 'SELECT max(seq) AS seq FROM record WHERE kind = 3 AND resolution = ?';
    const { seq } = db.prepare<number[], { seq: number | null }>(told).get(resolution) ?? { seq: null };
    if (seq === null) return 0;
    const after = 'SELECT max(seq) AS seq FROM record WHERE resolution = ? AND seq >= ?';
    return db.prepare<number[], { seq: number }>(after).get(resolution, seq)?.seq ?? seq;
  };
  const [hourly, daily] = [rolledUp(1), rolledUp(2)];
  if (!last) return { sequence: 0, hash: chainStart, toMs: 0, bootId: '', interval: 0, hourly, daily };
  const { toMs, bootId, interval } = lastOfInterval(db)?.record ?? { toMs: 0, bootId: '', interval: 0 };
  return { sequence: last.record.sequence, hash: last.hash, toMs, bootId, interval, hourly, daily };
}

/** Notes may follow it. */
const lastOfInterval = (db: Database.Database): KeptRecord | undefined =>
  [...readRecords(db, 'WHERE kind < 3 ORDER BY seq DESC LIMIT 1', [])][0];

function sizeOf(path: string): number {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}
