import type Database from 'better-sqlite3';
import {
  recordKinds,
  resolutions,
  type LedgerNote,
  type RecordFlag,
  type RecordKind,
  type Resolution,
  type UsageRecord,
} from '../model/usage-record.js';
import { LedgerError } from './faults.js';
import { counterColumns, recordColumns } from './schema.js';

type Cell = bigint | string | Buffer | null;
type Row = Readonly<Record<string, Cell>>;

/** A record as it is kept, with its place in the chain. */
export interface KeptRecord {
  readonly record: UsageRecord;
  readonly hash: Buffer;
  /** The hash before, where the record before was dropped. */
  readonly prev: Buffer | null;
}

export const numberOfKind = (kind: RecordKind): number => recordKinds.indexOf(kind);
export const numberOfResolution = (resolution: Resolution): number => resolutions.indexOf(resolution);

/** Records to rows and back; names of tenants and boots are kept once. */
export class RecordRows {
  readonly #db: Database.Database;
  readonly #insert: Database.Statement<Cell[]>;
  readonly #tenants = new Map<string, bigint>();
  readonly #boots = new Map<string, bigint>();

  constructor(db: Database.Database) {
    this.#db = db;
    const places = recordColumns.map(() => '?').join(', ');
    this.#insert = db.prepare(`INSERT INTO record (${recordColumns.join(', ')}) VALUES (${places})`);
  }

  /** Forgets numbers of names that a transaction which was rolled back had given. */
  forget(): void {
    this.#tenants.clear();
    this.#boots.clear();
  }

  insert(record: UsageRecord, hash: Buffer): void {
    const { counters } = record;
    const known = new Set<string>(counterColumns);
    const more = Object.entries(counters).filter(([name, value]) => !known.has(name) && value !== 0n);
    this.#insert.run(
      BigInt(record.sequence),
      BigInt(numberOfKind(record.kind)),
      record.resolution === null ? null : BigInt(numberOfResolution(record.resolution)),
      record.tenant === null ? null : this.#tenantId(record.tenant),
      this.#bootId(record.instance, record.bootId),
      BigInt(record.interval),
      BigInt(record.fromMs),
      BigInt(record.toMs),
      BigInt(record.durationMs),
      record.tscHz,
      ...counterColumns.map((name) => counters[name] || null),
      more.length > 0 ? more.map(([name, value]) => `${name}=${value}`).join(' ') : null,
      record.flags.length > 0 ? record.flags.join(' ') : null,
      record.note === null ? null : JSON.stringify(record.note),
      hash,
    );
  }

  #tenantId(name: string): bigint {
    return this.#idOf(this.#tenants, name, 'INSERT INTO tenant (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name', [name]);
  }

  #bootId(instance: string, boot: string): bigint {
    const insert = 'INSERT INTO boot (instance, boot) VALUES (?, ?) ON CONFLICT (boot) DO UPDATE SET boot = boot';
    return this.#idOf(this.#boots, boot, insert, [instance, boot]);
  }

  #idOf(known: Map<string, bigint>, key: string, insert: string, values: readonly string[]): bigint {
    const found = known.get(key);
    if (found !== undefined) return found;
    const { id } = this.#db.prepare<string[], { id: number }>(`${insert} RETURNING id`).get(...values) ?? {};
    if (id === undefined) throw new LedgerError('io', `${key} has no number`);
    known.set(key, BigInt(id));
    return BigInt(id);
  }
}

/** Everything of a record; what follows it says which. */
export const selectRecords = `SELECT record.*, tenant.name AS tenant_name, boot.instance AS instance_name, boot.boot AS boot_name
  FROM record LEFT JOIN tenant ON tenant.id = record.tenant JOIN boot ON boot.id = record.boot`;

/** Records one after the other as they are read. */
export function* readRecords(db: Database.Database, rest: string, values: readonly (number | bigint)[]): Generator<KeptRecord> {
  const statement = db.prepare<unknown[], Row>(`${selectRecords} ${rest}`).safeIntegers(true);
  for (const row of statement.iterate(...values)) yield keptOf(row);
}

function keptOf(row: Row): KeptRecord {
  const number = (name: string): number => Number(row[name]);
  const text = (name: string): string => row[name] as string;
  const { tenant_name: tenant, resolution, flags, note } = row;
  const record: UsageRecord = {
    sequence: number('seq'),
    kind: recordKinds[number('kind')] ?? 'note',
    resolution: resolution === null ? null : (resolutions[Number(resolution)] ?? null),
    tenant: tenant as string | null,
    instance: text('instance_name'),
    bootId: text('boot_name'),
    interval: number('interval'),
    fromMs: number('from_ms'),
    toMs: number('to_ms'),
    durationMs: number('duration_ms'),
    tscHz: row['tsc_hz'] as bigint,
    flags: flags === null ? [] : (text('flags').split(' ') as RecordFlag[]),
    counters: countersOf(row),
    note: note === null ? null : (JSON.parse(text('note')) as LedgerNote),
  };
  return { record, hash: row['hash'] as Buffer, prev: row['prev'] as Buffer | null };
}

function countersOf(row: Row): Record<string, bigint> {
  const counters: Record<string, bigint> = {};
  for (const name of counterColumns) {
    const value = row[name];
    if (typeof value === 'bigint') counters[name] = value;
  }
  const { more } = row;
  if (typeof more === 'string') {
    for (const pair of more.split(' ')) {
      const equals = pair.indexOf('=');
      counters[pair.slice(0, equals)] = BigInt(pair.slice(equals + 1));
    }
  }
  return counters;
}
