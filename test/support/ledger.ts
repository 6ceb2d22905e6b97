import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { answerBill } from '../../src/ledger/bill-desk.js';
import type { AskLedger } from '../../src/ledger/bill-source.js';
import { LedgerDesk } from '../../src/ledger/desk.js';
import { openForReading } from '../../src/ledger/open.js';
import { LedgerReader } from '../../src/ledger/reader.js';
import type { IntervalReport, Subject } from '../../src/ledger/reading.js';
import { LedgerWriter, type WriterOptions } from '../../src/ledger/writer.js';
import { hourMs, type RecordCounters } from '../../src/model/usage-record.js';

/** The path of a ledger in a directory that goes with the test. */
export function ledgerPath(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vswitch-ledger-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'test.ledger');
}

export const writerOptions = (path: string, more: Partial<WriterOptions> = {}): WriterOptions => ({
  path,
  instance: 'test',
  bootId: 'boot-1',
  keep: { rawDays: 7, hourlyDays: 400, dailyDays: 3660 },
  ...more,
});

/** A writer that is closed with the test. */
export function writerFor(t: ExecutionContext, path: string, more: Partial<WriterOptions> = {}): LedgerWriter {
  const writer = new LedgerWriter(writerOptions(path, more));
  t.teardown(() => writer.close());
  return writer;
}

/** As the ledger's thread answers what bills ask. */
export const askWriter =
  (writer: LedgerWriter): AskLedger =>
  async (request) =>
    (request.ask === 'recordTariffs' ? writer.recordTariffs(request) : answerBill(writer.db, request)) as never;

/** A day at midnight, UTC. */
export const midnight = Date.UTC(2026, 2, 1);

export const subjects = (red: RecordCounters, blue: RecordCounters = {}): Subject[] => [
  { kind: 'uplink', tenant: null, counters: { rx_packets: 1n, drop_table_miss: 1n } },
  { kind: 'tenant', tenant: 'red', counters: red },
  { kind: 'tenant', tenant: 'blue', counters: blue },
  { kind: 'instance', tenant: null, counters: { elapsed: 1000n, busy: 400n, idle: 600n } },
];

/** A report of an interval of 10 s that begins at `fromMs`. */
export const reportAt = (
  interval: number,
  fromMs: number,
  red: RecordCounters,
  more: Partial<IntervalReport> = {},
): IntervalReport => ({
  interval,
  after: interval - 1,
  fromWallMs: fromMs,
  wallMs: fromMs + 10_000,
  durationMs: 10_000,
  tscHz: 2_000_000_000n,
  late: false,
  subjects: subjects(red),
  ...more,
});

/** What red is given in interval `n` by `writeHours`. */
export const redOf = (n: number): RecordCounters => ({
  rx_packets: BigInt(n),
  rx_bytes: BigInt(n) * 100n,
  cycles_match: BigInt(n) * 7n,
  cycles_tx: 5n,
  drop_rule_drop: BigInt(n % 2),
  memory_byte_seconds: 3n,
  reserved_core_seconds: 2n,
});

/** Writes `perHour` intervals in each of `hours` hours from `fromMs` on. @returns how many. */
export function writeHours(writer: LedgerWriter, fromMs: number, hours: number, perHour = 6, first = 1): number {
  const stepMs = hourMs / perHour;
  for (let i = 0; i < hours * perHour; i++) {
    const at = fromMs + i * stepMs;
    const times = { wallMs: at + stepMs, durationMs: stepMs };
    writer.append(reportAt(first + i, at, redOf(first + i), times));
  }
  return hours * perHour;
}

/** A desk that is closed with the test. */
export function deskFor(t: ExecutionContext, path: string, desk = new LedgerDesk()) {
  t.teardown(() => desk.answer({ verb: 'close' }));
  const opened = desk.answer({ verb: 'open', options: writerOptions(path) });
  const append = (interval: number, after = interval - 1) =>
    desk.answer({ verb: 'append', report: reportAt(interval, midnight + interval * 10_000, redOf(interval), { after }) });
  return { desk, opened, append };
}

/** Of red, in a ledger's file. */
export function packetsIn(path: string): bigint {
  const db = openForReading(path);
  const sum = [...new LedgerReader(db).usageSlices('red', 0, Infinity)].reduce((total, slice) => total + slice.packets, 0n);
  db.close();
  return sum;
}
