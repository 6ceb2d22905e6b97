import type Database from 'better-sqlite3';
import type { Resolution, UsageRecord, UsageSlice } from '../model/usage-record.js';
import { numberOfResolution, readRecords, type KeptRecord } from './row.js';
import { columnsOf, cyclesOf } from './schema.js';

export interface RecordQuery {
  readonly resolution: Resolution;
  /** Undefined: every record, the uplink's, the instance's and roll-ups' headers as well. */
  readonly tenant?: string | undefined;
  /** Records that begin at or after this. */
  readonly fromMs?: number | undefined;
  /** And before this. */
  readonly toMs?: number | undefined;
  /** Sequence number of the last record of the page before. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** More than any time of a record. */
const forEver = Number.MAX_SAFE_INTEGER;

/** Reads a ledger; one that is being written meanwhile shows the last whole interval. */
export class LedgerReader {
  readonly #db: Database.Database;
  readonly #cycles: string;

  /** @param db as openForReading gives it, or the writer's. */
  constructor(db: Database.Database) {
    this.#db = db;
    this.#cycles = cyclesOf(columnsOf(db));
  }

  /** In their order, at most `limit`. */
  records(query: RecordQuery): UsageRecord[] {
    return [...(query.tenant === undefined ? this.#all(query) : this.#of(query.tenant, query))].map(({ record }) => record);
  }

  /**
   * What a tenant used, in order of time: of every time in the finest resolution that is still kept, so that nothing is in two slices. A
   * slice belongs to the period in which it begins: `fromMs <= slice.fromMs < toMs`.
   */
  *usageSlices(tenant: string, fromMs: number, toMs: number): Generator<UsageSlice> {
    const id = this.#tenantId(tenant);
    if (id === undefined) return;
    this.#db.exec('BEGIN'); // One state of the file, whatever is rolled up and dropped meanwhile.
    try {
      yield* this.#finest(tenant, id, fromMs, toMs);
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  *#finest(tenant: string, id: number, fromMs: number, toMs: number): Generator<UsageSlice> {
    const raw = this.#begin('raw', id);
    const hourly = Math.min(raw, this.#begin('hourly', id));
    for (const [resolution, from, to] of [
      ['daily', fromMs, Math.min(toMs, hourly)],
      ['hourly', Math.max(fromMs, hourly), Math.min(toMs, raw)],
      ['raw', Math.max(fromMs, raw), toMs],
    ] as const) {
      if (from < to) yield* this.#slices(tenant, id, resolution, from, to);
    }
  }

  *#slices(tenant: string, id: number, resolution: Resolution, fromMs: number, toMs: number): Generator<UsageSlice> {
    const statement = this.#db.prepare<number[], bigint[]>(
      `SELECT from_ms, to_ms, (${this.#cycles}), ifnull(rx_bytes, 0), ifnull(rx_packets, 0), ifnull(memory_byte_seconds, 0),
         ifnull(reserved_core_seconds, 0)
       FROM record INDEXED BY record_by_tenant WHERE resolution = ? AND tenant = ? AND from_ms >= ? AND from_ms < ? ORDER BY from_ms, to_ms`,
    );
    const rows = statement.safeIntegers(true).raw(true).iterate(numberOfResolution(resolution), id, fromMs, toMs);
    for (const [from, to, cycles = 0n, bytes = 0n, packets = 0n, memoryByteSeconds = 0n, reservedCoreSeconds = 0n] of rows) {
      const times = { fromMs: Number(from), toMs: Number(to) };
      yield { tenant, ...times, cycles, bytes, packets, memoryByteSeconds, reservedCoreSeconds };
    }
  }

  /** Where the records of a tenant begin. */
  #begin(resolution: Resolution, tenant: number): number {
    const first = 'SELECT min(from_ms) AS at FROM record WHERE resolution = ? AND tenant = ?';
    return this.#db.prepare<number[], { at: number | null }>(first).get(numberOfResolution(resolution), tenant)?.at ?? forEver;
  }

  #tenantId(name: string): number | undefined {
    return this.#db.prepare<string[], { id: number }>('SELECT id FROM tenant WHERE name = ?').get(name)?.id;
  }

  #of(tenant: string, { resolution, fromMs = 0, toMs = forEver, after = 0, limit }: RecordQuery): Generator<KeptRecord> {
    const at = 'SELECT from_ms AS at FROM record WHERE seq = ?';
    const begin = Math.max(fromMs, this.#db.prepare<number[], { at: number }>(at).get(after)?.at ?? 0);
    const where =
      'WHERE resolution = ? AND record.tenant = ? AND from_ms >= ? AND from_ms < ? AND seq > ? ORDER BY from_ms, seq LIMIT ?';
    const values = [numberOfResolution(resolution), this.#tenantId(tenant) ?? 0, begin, toMs, after, limit];
    return readRecords(this.#db, where, values);
  }

  /** The first record of an interval is the uplink's, which the index finds by its time. */
  #all({ resolution, fromMs = 0, toMs = forEver, after = 0, limit }: RecordQuery): Generator<KeptRecord> {
    const number = numberOfResolution(resolution);
    const first = 'SELECT seq FROM record WHERE resolution = ? AND tenant IS NULL AND from_ms >= ? ORDER BY from_ms, seq LIMIT 1';
    const begin = this.#db.prepare<number[], { seq: number }>(first).get(number, fromMs)?.seq ?? forEver;
    const where = 'WHERE +resolution = ? AND seq >= ? AND from_ms >= ? AND from_ms < ? ORDER BY seq LIMIT ?';
    return readRecords(this.#db, where, [number, Math.max(begin, after + 1), fromMs, toMs, limit]);
  }
}
