import type Database from 'better-sqlite3';
import { stages } from '../model/usage.js';

/** `MTSU`: SQLite's header says whose file it is. */
export const applicationId = 0x4d545355;
/** What this version reads and writes. */
export const schemaVersion = 1;

/** Counters that have a column of their own; all others are in `more`. A column can be added at any time: see canonical in chain.ts. */
export const counterColumns = [
  'rx_packets',
  'rx_bytes',
  'tx_packets',
  'tx_bytes',
  ...stages.map((stage) => `cycles_${stage}` as const),
  'cycles_plugin',
  'memory_byte_seconds',
  'reserved_core_seconds',
] as const;

const schema = `
CREATE TABLE boot (id INTEGER PRIMARY KEY, instance TEXT NOT NULL, boot TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tenant (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  resolution INTEGER,
  tenant INTEGER REFERENCES tenant (id),
  boot INTEGER NOT NULL REFERENCES boot (id),
  interval INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  tsc_hz INTEGER NOT NULL,
  ${counterColumns.map((name) => `${name} INTEGER`).join(',\n  ')},
  more TEXT,
  flags TEXT,
  note TEXT,
  hash BLOB NOT NULL,
  prev BLOB
) STRICT;
CREATE INDEX record_told ON record (kind, resolution, seq) WHERE kind >= 3;
`;

/** Tariffs, of which the chain has notes (tariff-chain.ts), and how far the export is, which is nothing of it. */
const besides = `
CREATE TABLE IF NOT EXISTS tariffs (since_ms INTEGER PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS exported (target TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
`;

/** A new ledger's tables. */
export function createSchema(db: Database.Database): void {
  db.transaction(() => {
    db.exec(schema);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${schemaVersion}`);
  }).immediate();
}

export const columnsOf = (db: Database.Database): string[] =>
  db
    .prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('record')`)
    .all()
    .map(({ name }) => name);

/** The cycles of all stages that the file knows. */
export function cyclesOf(columns: readonly string[]): string {
  const stages = columns.filter((name) => name.startsWith('cycles_'));
  return stages.map((name) => `ifnull(${name}, 0)`).join(' + ');
}

/** Columns of counters and tables that an older version did not know, and an index that answers for a tenant's bill by itself. */
export function completeSchema(db: Database.Database): void {
  db.exec(besides);
  const present = columnsOf(db);
  for (const name of counterColumns) if (!present.includes(name)) db.exec(`ALTER TABLE record ADD COLUMN ${name} INTEGER`);
  const billed = `rx_bytes, rx_packets, memory_byte_seconds, reserved_core_seconds, (${cyclesOf(columnsOf(db))})`;
  const index = `CREATE INDEX record_by_tenant ON record (resolution, tenant, from_ms, to_ms, ${billed})`;
  const { sql } = db.prepare<[], { sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'record_by_tenant'").get() ?? {};
  if (sql !== index) db.exec(`DROP INDEX IF EXISTS record_by_tenant; ${index}`);
}

/** The hash of the record before is kept where that record was dropped. */
export const recordColumns = [
  'seq',
  'kind',
  'resolution',
  'tenant',
  'boot',
  'interval',
  'from_ms',
  'to_ms',
  'duration_ms',
  'tsc_hz',
  ...counterColumns,
  'more',
  'flags',
  'note',
  'hash',
] as const;
