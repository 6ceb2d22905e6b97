import type Database from 'better-sqlite3';
import { headText, type Resolution, type UsageRecord, type UsageSlice } from '../model/usage-record.js';
import type { InvoiceOrigin } from '../pricing/invoice.js';
import type { Period } from '../pricing/period.js';
import { LedgerReader } from './reader.js';
import { numberOfKind, numberOfResolution, readRecords } from './row.js';
import { tariffRows, type TariffRow } from './tariff-chain.js';

/** What bills and the export ask of a ledger, whether it is written or only read. */
export type BillRequest =
  | { readonly ask: 'tenants' | 'tariffs' }
  | { readonly ask: 'slices' | 'origin'; readonly tenant: string; readonly period: Period }
  | RecordTariffs
  | { readonly ask: 'exported'; readonly target: string }
  | { readonly ask: 'setExported'; readonly target: string; readonly sequence: number }
  /** Records of tenants after a sequence number; at most `limit` records of all kinds are looked at. */
  | { readonly ask: 'toExport'; readonly after: number; readonly limit: number };

/** Where they are others than the last; in the chain, too, so that only the writer answers it. */
export type RecordTariffs = { readonly ask: 'recordTariffs' } & TariffRow;

export interface BillAnswers {
  readonly tenants: readonly string[];
  readonly tariffs: readonly TariffRow[];
  readonly slices: readonly UsageSlice[];
  readonly origin: InvoiceOrigin;
  readonly recordTariffs: boolean;
  readonly exported: number;
  readonly setExported: null;
  readonly toExport: ToExport;
}

export interface ToExport {
  readonly records: readonly UsageRecord[];
  /** Sequence number of the last record that was looked at. */
  readonly last: number;
  /** Records that retention dropped before they were looked at. */
  readonly missed: number;
}

/** What a file answers by itself. */
export type FileRequest = Exclude<BillRequest, RecordTariffs>;

/** Whether a request changes the file. */
export const isChange = ({ ask }: FileRequest): boolean => ask === 'setExported';

/** @throws what faultOf names. */
export const answerBill = <R extends FileRequest>(db: Database.Database, request: R): BillAnswers[R['ask']] =>
  answer(db, request) as BillAnswers[R['ask']];

function answer(db: Database.Database, request: FileRequest): BillAnswers[keyof BillAnswers] {
  switch (request.ask) {
    case 'tenants':
      return db
        .prepare<[], { name: string }>('SELECT name FROM tenant ORDER BY name')
        .all()
        .map(({ name }) => name);
    case 'tariffs':
      return tariffRows(db);
    case 'slices':
      return [...new LedgerReader(db).usageSlices(request.tenant, request.period.fromMs, request.period.toMs)];
    case 'origin':
      return originOf(db, request.tenant, request.period);
    case 'exported':
      return db.prepare<string[], { seq: number }>('SELECT seq FROM exported WHERE target = ?').get(request.target)?.seq ?? 0;
    case 'setExported':
      db.prepare('INSERT INTO exported VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET seq = excluded.seq').run(
        request.target,
        request.sequence,
      );
      return null;
    case 'toExport':
      return toExport(db, request.after, request.limit);
  }
}

const inPeriod = 'record.resolution = ? AND record.from_ms >= ? AND record.from_ms < ?';
const allResolutions: readonly Resolution[] = ['raw', 'hourly', 'daily'];

/** The head is the last record of no tenant, the instance's: it comes after those of the tenants, and is never dropped last. */
function originOf(db: Database.Database, tenant: string, { fromMs, toMs }: Period): InvoiceOrigin {
  const named = db.prepare<(number | string)[], { instance: string }>(
    `SELECT DISTINCT boot.instance FROM record JOIN boot ON boot.id = record.boot JOIN tenant ON tenant.id = record.tenant
     WHERE ${inPeriod} AND tenant.name = ?`,
  );
  const lastBefore = db.prepare<number[], { sequence: number; hash: Buffer }>(
    `SELECT seq AS sequence, hash FROM record WHERE resolution = ? AND tenant IS NULL AND from_ms < ?
     ORDER BY from_ms DESC, seq DESC LIMIT 1`,
  );
  const numbers = allResolutions.map(numberOfResolution);
  const instances = numbers.flatMap((number) => named.all(number, fromMs, toMs, tenant).map(({ instance }) => instance));
  const heads = numbers.flatMap((number) => lastBefore.get(number, toMs) ?? []);
  const [head] = heads.sort((a, b) => b.sequence - a.sequence);
  return {
    instances: [...new Set(instances)].sort(),
    ledgerHead: head ? headText({ sequence: head.sequence, hash: head.hash.toString('hex') }) : null,
  };
}

function toExport(db: Database.Database, after: number, limit: number): ToExport {
  const kept = [
    ...readRecords(db, `WHERE seq > ? AND +resolution = ${numberOfResolution('raw')} ORDER BY seq LIMIT ?`, [after, limit]),
  ];
  const records = kept.map(({ record }) => record);
  const missed = records.length === 0 ? 0 : missedBetween(db, after, records[0]?.sequence ?? 0);
  return { records: records.filter(({ kind }) => kind === 'tenant'), last: records.at(-1)?.sequence ?? after, missed };
}

/** By the ledger's own notes; at most so many, where only the later ones of a drop had not been looked at. */
function missedBetween(db: Database.Database, after: number, first: number): number {
  if (first <= after + 1) return 0;
  let missed = 0;
  for (const { record } of readRecords(db, `WHERE kind = ${numberOfKind('note')} AND seq > ? ORDER BY seq`, [after])) {
    const { note } = record;
    if (note?.type === 'dropped' && note.resolution === 'raw' && note.last > after) missed += note.records;
  }
  return missed;
}
