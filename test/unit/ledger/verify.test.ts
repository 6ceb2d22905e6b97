import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import type Database from 'better-sqlite3';
import { canonical } from '../../../src/ledger/chain.js';
import { LedgerReader } from '../../../src/ledger/reader.js';
import { readRecords } from '../../../src/ledger/row.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { ledgerPath, midnight, writeHours, writerFor } from '../../support/ledger.js';

/** Nine days, of which the first ones are only sums. */
function nineDays(t: ExecutionContext) {
  const writer = writerFor(t, ledgerPath(t), { keep: { rawDays: 2, hourlyDays: 4, dailyDays: 7 } });
  writeHours(writer, midnight, 9 * 24 + 1, 2);
  return writer;
}

test('a ledger that is as it was written verifies, and says how far it goes', (t) => {
  const { db, position } = nineDays(t);
  const report = verifyLedger(db);
  t.deepEqual(report.findings, []);
  t.is(report.head, `${position.sequence}:${position.hash}`);
  t.is(report.headFound, null);
  t.is(report.records + report.dropped, position.sequence);
});

test('a change of any column, of whatever record, is found', (t) => {
  const { db } = nineDays(t);
  const changes = [
    'UPDATE record SET rx_bytes = rx_bytes + 1 WHERE seq = ?',
    "UPDATE record SET more = 'drop_rule_drop=7' WHERE seq = ?",
    'UPDATE record SET from_ms = from_ms - 1 WHERE seq = ?',
    'UPDATE record SET to_ms = to_ms + 1 WHERE seq = ?',
    'UPDATE record SET duration_ms = duration_ms + 1 WHERE seq = ?',
    'UPDATE record SET tsc_hz = tsc_hz + 1 WHERE seq = ?',
    "UPDATE record SET flags = 'late' WHERE seq = ?",
    'UPDATE record SET interval = interval + 1 WHERE seq = ?',
    'UPDATE record SET kind = 1 - kind WHERE seq = ?',
    'UPDATE record SET hash = zeroblob(32) WHERE seq = ?',
    'DELETE FROM record WHERE seq = ?',
  ];
  const seqs = db.prepare<[], { seq: number }>('SELECT seq FROM record WHERE tenant = 1 AND rx_bytes > 0 ORDER BY seq').all();
  const { seq } = seqs[Math.floor(seqs.length / 2)]!;
  for (const change of changes) {
    db.exec('BEGIN');
    t.is(db.prepare(change).run(seq).changes, 1);
    t.not(verifyLedger(db).findings.length, 0, change);
    db.exec('ROLLBACK');
  }
  t.deepEqual(verifyLedger(db).findings, []);
});

test('names of tenants and boots are part of it', (t) => {
  const { db } = nineDays(t);
  for (const change of [
    "UPDATE tenant SET name = 'green' WHERE name = 'red'",
    "UPDATE boot SET instance = 'other'",
    'DELETE FROM boot',
  ]) {
    db.exec('BEGIN; PRAGMA defer_foreign_keys = ON');
    db.exec(change);
    t.not(verifyLedger(db).findings.length, 0, change);
    db.exec('ROLLBACK');
  }
});

test('records that are cut off at the end are missed by the head that was noted down', (t) => {
  const { db } = nineDays(t);
  const head = verifyLedger(db).head!;
  t.is(verifyLedger(db, head).headFound, true);
  db.exec('DELETE FROM record WHERE seq > (SELECT max(seq) FROM record) - 4');
  t.deepEqual(verifyLedger(db).findings, [], 'of itself it cannot know');
  const { findings, headFound } = verifyLedger(db, head);
  t.is(headFound, false);
  t.regex(findings[0]!.message, /ends before the head/);
});

test('a head that was noted down long ago is found while its record is kept', (t) => {
  const writer = writerFor(t, ledgerPath(t), { keep: { rawDays: 1, hourlyDays: 1, dailyDays: 9 } });
  writeHours(writer, midnight, 5, 2);
  const early = verifyLedger(writer.db).head!;
  writeHours(writer, midnight + 5 * 3_600_000, 20, 2, 11);
  t.is(verifyLedger(writer.db, early).headFound, true);
  writeHours(writer, midnight + 25 * 3_600_000, 60, 2, 51);
  const { findings } = verifyLedger(writer.db, early);
  t.regex(findings[0]!.message, /retention dropped/);
  t.regex(verifyLedger(writer.db, `4:${'0'.repeat(64)}`).findings[0]!.message, /not of this ledger|retention/);
});

test('a roll-up that is not the sum of its records is found, though its hash is right', (t) => {
  const { db } = nineDays(t);
  const told = db.prepare<[], { seq: number }>('SELECT max(seq) AS seq FROM record WHERE resolution = 1 AND tenant = 1').get()!;
  // Who can write every hash anew can only be found out by a head, or by sums that do not agree.
  db.prepare('UPDATE record SET rx_packets = rx_packets + 1 WHERE seq = ?').run(told.seq);
  t.true(verifyLedger(db).findings.some(({ message }) => message.includes('not the sum')));
});

test('the canonical text does not depend on the order of counters, nor on those that are 0', (t) => {
  const { db } = nineDays(t);
  const { record } = [...readRecords(db, 'ORDER BY seq DESC LIMIT 1', [])][0]!;
  const reversed = Object.fromEntries(Object.entries({ ...record.counters, new_counter: 0n }).reverse());
  t.is(canonical({ ...record, counters: reversed }), canonical(record));
});

const damage = (db: Database.Database, seq: number, kind: number): void => {
  if (kind === 0) db.prepare('DELETE FROM record WHERE seq = ?').run(seq);
  else if (kind === 1) db.prepare('UPDATE record SET rx_packets = ifnull(rx_packets, 0) + 1 WHERE seq = ?').run(seq);
  else db.prepare('UPDATE record SET duration_ms = duration_ms + 1 WHERE seq = ?').run(seq);
};

test('one record of any, changed or removed, is found unless it is the last one and removed', (t) => {
  const { db } = nineDays(t);
  const seqs = db.prepare<[], { seq: number }>('SELECT seq FROM record ORDER BY seq').all();
  const anyRecord = fc.integer({ min: 0, max: seqs.length - 1 });
  const found = fc.property(anyRecord, fc.integer({ min: 0, max: 2 }), (index, kind) => {
    const { seq } = seqs[index]!;
    db.exec('BEGIN');
    damage(db, seq, index === seqs.length - 1 && kind === 0 ? 1 : kind);
    const { findings } = verifyLedger(db);
    db.exec('ROLLBACK');
    return findings.length > 0;
  });
  t.notThrows(() => fc.assert(found, { numRuns: 60 }));
});

testProp(
  'a day’s records sum up to the same, however they are split by roll-ups, restarts and retention',
  [fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3 })],
  (t, runs, rawDays) => {
    const path = ledgerPath(t);
    let [at, expected] = [midnight, 0n];
    for (const [i, hours] of runs.entries()) {
      const writer = writerFor(t, path, { bootId: `boot-${i}`, keep: { rawDays, hourlyDays: rawDays, dailyDays: 100 } });
      const count = writeHours(writer, at, hours, 1);
      expected += BigInt((count * (count + 1)) / 2);
      at += hours * 3_600_000;
      const total = [...new LedgerReader(writer.db).usageSlices('red', 0, Infinity)].reduce(
        (sum, { packets }) => sum + packets,
        0n,
      );
      t.is(total, expected);
      t.deepEqual(verifyLedger(writer.db).findings, []);
      writer.close();
    }
  },
  { numRuns: 15 },
);
