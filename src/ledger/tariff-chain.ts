import type Database from 'better-sqlite3';
import type { LedgerNote, UsageRecord } from '../model/usage-record.js';
import { sha256 } from '../pricing/canonical.js';
import { numberOfKind, readRecords } from './row.js';

/** Tariffs as they were recorded. */
export interface TariffRow {
  readonly sinceMs: number;
  readonly hash: string;
  readonly text: string;
}

/** What the records' chain holds of recorded tariffs: so that none can be changed, added or removed without it. */
export type TariffNote = Extract<LedgerNote, { type: 'tariffs' }>;

/** In order of time; none in a file of before there were any. */
export function tariffRows(db: Database.Database): TariffRow[] {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tariffs'").get() === undefined) return [];
  return db.prepare<[], TariffRow>('SELECT since_ms AS sinceMs, hash, text FROM tariffs ORDER BY since_ms').all();
}

export const noteOf = ({ sinceMs, hash }: TariffRow): TariffNote => ({ type: 'tariffs', sinceMs, hash });

/** Rows that older versions wrote without a note. */
export function unchainedTariffs(db: Database.Database): TariffRow[] {
  const rows = tariffRows(db);
  if (rows.length === 0) return [];
  const kept = [...readRecords(db, `WHERE kind = ${numberOfKind('note')} ORDER BY seq`, [])];
  const notes = kept.flatMap(({ record: { note } }) => (note?.type === 'tariffs' ? [note] : []));
  return rows.filter((row) => !notes.some((note) => isOf(note, row)));
}

const isOf = (note: TariffNote, row: TariffRow): boolean => note.sinceMs === row.sinceMs && note.hash === row.hash;

/**
 * What is wrong with the recorded tariffs.
 * @param records those of the chain that have a note of tariffs.
 */
export function tariffFindings(
  db: Database.Database,
  records: readonly UsageRecord[],
): { readonly sequence: number; readonly message: string }[] {
  const noted = records.flatMap(({ sequence, note }) => (note?.type === 'tariffs' ? [{ sequence, note }] : []));
  const rows = tariffRows(db);
  const since = ({ sinceMs }: { readonly sinceMs: number }): string => `the tariffs of ${new Date(sinceMs).toISOString()}`;
  const wrong = rows.flatMap((row) => {
    const found = noted.find(({ note }) => isOf(note, row));
    if (sha256(row.text) !== row.hash) return [{ sequence: found?.sequence ?? 1, message: `${since(row)} were changed` }];
    const strange = `${since(row)} are not in the chain: they were changed or added, or an older version wrote them and none has run since`;
    return found ? [] : [{ sequence: 1, message: strange }];
  });
  const gone = noted
    .filter(({ note }) => !rows.some((row) => isOf(note, row)))
    .map(({ sequence, note }) => ({ sequence, message: `${since(note)} were changed or removed` }));
  return [...wrong, ...gone];
}
