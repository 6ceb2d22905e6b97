import type Database from 'better-sqlite3';
import type { LedgerNote, Resolution } from '../model/usage-record.js';
import { numberOfKind, numberOfResolution } from './row.js';

/** Days of which each is kept. Only days with records count, so that a clock that jumps drops nothing. */
export interface Keep {
  readonly rawDays: number;
  readonly hourlyDays: number;
  readonly dailyDays: number;
}

/** Drops what is older than is kept, and was rolled up. To be called when a day was rolled up. @returns what is to be told of it. */
export function drop(db: Database.Database, { rawDays, hourlyDays, dailyDays }: Keep): LedgerNote[] {
  return [
    ...dropUntil(db, 'raw', endOfDay(db, rawDays)),
    ...dropUntil(db, 'hourly', endOfDay(db, hourlyDays)),
    ...dropUntil(db, 'daily', endOfDay(db, dailyDays) && endOfDay(db, dailyDays - 1)),
  ];
}

/** The last record before the roll-up of a day; 0 where there are not so many days since. */
function endOfDay(db: Database.Database, daysSince: number): number {
  const header = `SELECT seq FROM record WHERE kind = ${numberOfKind('roll_up')} AND resolution = ? ORDER BY seq DESC LIMIT 1 OFFSET ?`;
  return (db.prepare<number[], { seq: number }>(header).get(numberOfResolution('daily'), daysSince)?.seq ?? 1) - 1;
}

/** The record that then follows a gap keeps the hash before it. */
function dropUntil(db: Database.Database, resolution: Resolution, until: number): LedgerNote[] {
  const number = numberOfResolution(resolution);
  const of = 'resolution = ? AND seq <= ?';
  const counted = `SELECT min(seq) AS first, max(seq) AS last, count(*) AS records FROM record WHERE ${of}`;
  const found = db.prepare<number[], { first: number | null; last: number; records: number }>(counted).get(number, until);
  if (found?.first == null) return [];
  const { first, last, records } = found;
  db.prepare(
    `UPDATE record SET prev = (SELECT hash FROM record AS before WHERE before.seq = record.seq - 1)
     WHERE seq BETWEEN ? AND ? AND resolution IS NOT ?
     AND EXISTS (SELECT 1 FROM record AS before WHERE before.seq = record.seq - 1 AND before.resolution = ?)`,
  ).run(first, last + 1, number, number);
  db.prepare(`DELETE FROM record WHERE ${of}`).run(number, until);
  return [{ type: 'dropped', resolution, first, last, records }];
}
