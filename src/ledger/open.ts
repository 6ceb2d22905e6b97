import Database from 'better-sqlite3';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { chainStart, hashOf } from './chain.js';
import { faultOf, LedgerError } from './faults.js';
import { readRecords } from './row.js';
import { applicationId, completeSchema, createSchema, schemaVersion } from './schema.js';

/** The owner writes, the group reads: it is what bills are made of. */
const fileMode = 0o640;
const directoryMode = 0o750;
/** A killed process is gone a moment after the next one starts. */
const lockTimeoutMs = 2000;
/** So many records at the end are checked when a ledger is opened; `vswitch usage verify` checks all. */
const checkedAtOpen = 200;

export const lockOf = (path: string): string => `${path}-lock`;

/**
 * Holds a ledger for one process until it is closed or the process ends, however that happens: the kernel's lock on a file beside it. Not
 * on the ledger itself, which others may read meanwhile.
 * @throws LedgerError in_use
 */
export function lockLedger(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: directoryMode });
  closeSync(openSync(lockOf(path), 'a', fileMode));
  const lock = new Database(lockOf(path), { timeout: lockTimeoutMs });
  try {
    lock.pragma('journal_mode = MEMORY'); // Nothing is ever written in it.
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (faultOf(error) === 'in_use') throw new LedgerError('in_use', `another process writes ${path}`);
    throw error;
  }
}

export interface OpenedLedger {
  readonly db: Database.Database;
  /** Where a new one follows a file that was moved aside. */
  readonly follows?: { readonly path: string; readonly because: string };
}

/**
 * Opens a ledger for writing, or begins one; a file that is corrupt is moved aside.
 * @param corrupt why it is known to be.
 * @throws what faultOf names.
 */
export function openLedger(path: string, corrupt?: string): OpenedLedger {
  if (corrupt !== undefined) return openAfresh(path, corrupt);
  try {
    return { db: openDatabase(path) };
  } catch (error) {
    if (faultOf(error) !== 'corrupt') throw error;
    return openAfresh(path, error instanceof Error ? error.message : String(error));
  }
}

function openAfresh(path: string, because: string): OpenedLedger {
  const aside = moveAside(path);
  return { db: openDatabase(path), follows: { path: aside, because } };
}

function openDatabase(path: string): Database.Database {
  closeSync(openSync(path, 'a', fileMode));
  const db = new Database(path, { timeout: lockTimeoutMs });
  try {
    if (applicationOf(db) === 0 && isEmpty(db)) {
      db.pragma('journal_mode = WAL');
      createSchema(db);
    }
    checkOwner(db, path);
    completeSchema(db);
    db.pragma('journal_mode = WAL');
    // Each commit is on the disk before it is told: a power cut loses no more than a kill.
    db.pragma('synchronous = FULL');
    checkEnd(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const applicationOf = (db: Database.Database): unknown => db.pragma('application_id', { simple: true });
const isEmpty = (db: Database.Database): boolean => db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;

/** @throws LedgerError foreign */
export function checkOwner(db: Database.Database, path: string): void {
  if (applicationOf(db) !== applicationId) throw new LedgerError('foreign', `${path} is a database of another program`);
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > schemaVersion) throw new LedgerError('foreign', `${path} was written by a newer version (schema ${version})`);
}

/** @throws LedgerError corrupt where the last records are not what was written. */
function checkEnd(db: Database.Database): void {
  const last = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM record').get()?.seq ?? 0;
  let before: Buffer | Uint8Array | undefined = last <= checkedAtOpen ? chainStart : undefined;
  let expected: number | undefined;
  for (const { record, hash, prev } of readRecords(db, 'WHERE seq > ? ORDER BY seq', [last - checkedAtOpen])) {
    const gap = expected !== undefined && record.sequence !== expected;
    before = gap || before === undefined ? (prev ?? undefined) : before;
    if (before !== undefined && !hashOf(before, record).equals(hash))
      throw new LedgerError('corrupt', `record ${record.sequence} is not what was written`);
    if (before === undefined && gap) throw new LedgerError('corrupt', `records before ${record.sequence} are missing`);
    before = hash;
    expected = record.sequence + 1;
  }
}

/** Renames a ledger and what belongs to it. @returns its new path. */
function moveAside(path: string): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${path}.corrupt-${stamp}`;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

/** A ledger for reading, wherever it is; nothing of it is changed. @throws what faultOf names. */
export function openForReading(path: string): Database.Database {
  const size = statSync(path).size; // Says so where there is none.
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: lockTimeoutMs });
  try {
    checkOwner(db, path);
    return db;
  } catch (error) {
    db.close();
    const waiting = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (faultOf(error) === 'foreign' || faultOf(error) === 'corrupt' || waiting > 0 || size === 0) throw error;
    return openCopy(path);
  }
}

/** SQLite reads a file in WAL mode only where it may make another beside it; on a read-only disk a copy in memory does. */
function openCopy(path: string): Database.Database {
  const bytes = readFileSync(path);
  bytes.fill(rollbackJournal, ...journalVersions);
  const db = new Database(bytes, { readonly: true });
  checkOwner(db, path);
  return db;
}

/** Of a database's header (https://sqlite.org/fileformat.html, section 1.3): the versions to write and to read it. */
const journalVersions = [18, 20] as const;
const rollbackJournal = 1;
