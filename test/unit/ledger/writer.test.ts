import { existsSync, unlinkSync } from 'node:fs';
import test from 'ava';
import { openForReading } from '../../../src/ledger/open.js';
import { LedgerReader } from '../../../src/ledger/reader.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { LedgerWriter } from '../../../src/ledger/writer.js';
import { dayMs, hourMs } from '../../../src/model/usage-record.js';
import { ledgerPath, midnight, redOf, reportAt, writeHours, writerFor, writerOptions } from '../../support/ledger.js';

test('what is appended is read again, with all its counters', (t) => {
  const writer = writerFor(t, ledgerPath(t));
  const huge = 2n ** 62n;
  writer.append(reportAt(1, midnight, { rx_packets: 3n, cycles_rx: huge, drop_no_memory: 2n, plugin_cpu_us: 9n }));
  const [record] = new LedgerReader(writer.db).records({ resolution: 'raw', tenant: 'red', limit: 10 });
  t.deepEqual(record, {
    sequence: 3,
    kind: 'tenant',
    resolution: 'raw',
    tenant: 'red',
    instance: 'test',
    bootId: 'boot-1',
    interval: 1,
    fromMs: midnight,
    toMs: midnight + 10_000,
    durationMs: 10_000,
    tscHz: 2_000_000_000n,
    flags: [],
    counters: { rx_packets: 3n, cycles_rx: huge, drop_no_memory: 2n, plugin_cpu_us: 9n },
    note: null,
  });
});

test('a ledger goes on where the process before it ended', (t) => {
  const path = ledgerPath(t);
  const first = new LedgerWriter(writerOptions(path));
  writeHours(first, midnight, 3);
  const { position } = first;
  first.close();
  const second = writerFor(t, path, { bootId: 'boot-2' });
  t.deepEqual({ ...second.position, bytes: 0 }, { ...position, bytes: 0 });
  t.is(second.interval, 0, 'of its own intervals there is none yet');
  writeHours(second, midnight + 3 * hourMs, 30);
  const report = verifyLedger(second.db);
  t.deepEqual(report.findings, []);
});

test('hours and days are rolled up, and the sums agree', (t) => {
  const writer = writerFor(t, ledgerPath(t));
  const count = writeHours(writer, midnight, 25);
  const reader = new LedgerReader(writer.db);
  const sum = (resolution: 'raw' | 'hourly' | 'daily') =>
    reader
      .records({ resolution, tenant: 'red', limit: 1000 })
      .reduce((total, { counters }) => total + (counters['rx_packets'] ?? 0n), 0n);
  t.is(reader.records({ resolution: 'hourly', tenant: 'red', limit: 1000 }).length, 24, 'the open hour is not rolled up');
  t.is(sum('hourly'), BigInt((144 * 145) / 2));
  t.is(sum('daily'), sum('hourly'));
  t.is(sum('raw'), BigInt((count * (count + 1)) / 2));
  const [day] = reader.records({ resolution: 'daily', tenant: 'red', limit: 10 });
  t.like(day, { fromMs: midnight, toMs: midnight + dayMs, durationMs: dayMs });
  t.is(day?.counters['drop_rule_drop'], 72n);
  t.deepEqual(verifyLedger(writer.db).findings, []);
});

test('what is older than is kept is dropped, its sums stay, and the chain still proves the rest', (t) => {
  const writer = writerFor(t, ledgerPath(t), { keep: { rawDays: 1, hourlyDays: 2, dailyDays: 4 } });
  const count = writeHours(writer, midnight, 24 * 8 + 2);
  const reader = new LedgerReader(writer.db);
  const days = (resolution: 'raw' | 'hourly' | 'daily') => {
    const records = reader.records({ resolution, tenant: 'red', limit: 10_000 });
    return [...new Set(records.map(({ fromMs }) => Math.floor((fromMs - midnight) / dayMs)))];
  };
  t.deepEqual(days('raw'), [7, 8]);
  t.deepEqual(days('hourly'), [6, 7, 8]);
  t.deepEqual(days('daily'), [4, 5, 6, 7]);
  const report = verifyLedger(writer.db);
  t.deepEqual(report.findings, []);
  t.true(report.dropped > 0);
  const slices = [...reader.usageSlices('red', midnight + 4 * dayMs, Infinity)];
  const first = 4 * 24 * 6;
  t.is(
    slices.reduce((sum, { packets }) => sum + packets, 0n),
    BigInt((count * (count + 1) - first * (first + 1)) / 2),
    'each in one slice',
  );
  for (const [i, { fromMs }] of slices.entries()) t.true(i === 0 || fromMs === slices[i - 1]?.toMs);
});

test('a slice belongs to the period in which it begins', (t) => {
  const writer = writerFor(t, ledgerPath(t));
  writer.append(reportAt(1, midnight - 5000, redOf(1)));
  writer.append(reportAt(2, midnight + 5000, redOf(2)));
  const reader = new LedgerReader(writer.db);
  t.deepEqual(
    [...reader.usageSlices('red', midnight - dayMs, midnight)],
    [
      {
        tenant: 'red',
        fromMs: midnight - 5000,
        toMs: midnight + 5000,
        cycles: 12n,
        bytes: 100n,
        packets: 1n,
        memoryByteSeconds: 3n,
        reservedCoreSeconds: 2n,
      },
    ],
  );
  t.is([...reader.usageSlices('red', midnight, midnight + dayMs)].length, 1);
  t.deepEqual([...reader.usageSlices('green', 0, Infinity)], []);
});

test('pages of records follow each other', (t) => {
  const writer = writerFor(t, ledgerPath(t));
  writeHours(writer, midnight, 2);
  const reader = new LedgerReader(writer.db);
  for (const tenant of ['red', undefined]) {
    const query = { resolution: 'raw', tenant, fromMs: midnight + hourMs / 2, toMs: midnight + 1.5 * hourMs } as const;
    const whole = reader.records({ ...query, limit: 1000 });
    t.is(whole.length, tenant === undefined ? 24 : 6);
    const paged = [];
    for (let after = 0; ;) {
      const page = reader.records({ ...query, after, limit: 5 });
      paged.push(...page);
      after = page.at(-1)?.sequence ?? 0;
      if (page.length < 5) break;
    }
    t.deepEqual(paged, whole);
  }
});

test('a second process is refused, and one that comes after is not', (t) => {
  const path = ledgerPath(t);
  const first = new LedgerWriter(writerOptions(path));
  const { message } = t.throws(() => new LedgerWriter(writerOptions(path)), { message: /another process writes/ });
  t.true(message.includes(path));
  first.close();
  t.notThrows(() => new LedgerWriter(writerOptions(path)).close());
});

test('others read while it is written', (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  writer.append(reportAt(1, midnight, redOf(1)));
  const db = openForReading(path);
  t.teardown(() => db.close());
  t.is(verifyLedger(db).records, 5);
  writer.append(reportAt(2, midnight + 10_000, redOf(2)));
  t.is(verifyLedger(db).records, 9);
  t.true(existsSync(path));
});

test('a file that is removed while it is written is noticed', (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  t.false(writer.gone);
  unlinkSync(path);
  t.true(writer.gone);
});
