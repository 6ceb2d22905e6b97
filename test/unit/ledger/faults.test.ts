import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { LedgerDesk } from '../../../src/ledger/desk.js';
import { faultOf, faultRemedies, LedgerError } from '../../../src/ledger/faults.js';
import { openForReading } from '../../../src/ledger/open.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { LedgerWriter } from '../../../src/ledger/writer.js';
import { ledgerFaults } from '../../../src/model/usage-record.js';
import {
  deskFor,
  ledgerPath,
  midnight,
  packetsIn,
  redOf,
  reportAt,
  writeHours,
  writerFor,
  writerOptions,
} from '../../support/ledger.js';

test('every fault has a remedy, and what is not known is one of the disk', (t) => {
  for (const fault of ledgerFaults) t.regex(faultRemedies[fault], /\w{4}/);
  t.is(faultOf(new Error('?')), 'io');
  t.is(faultOf(Object.assign(new Error(), { code: 'SQLITE_IOERR_WRITE' })), 'io');
  t.is(faultOf(Object.assign(new Error(), { code: 'SQLITE_CORRUPT_INDEX' })), 'corrupt');
});

test('a full file changes nothing, and the next success has it all', (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  writer.append(reportAt(1, midnight, redOf(1)));
  const { position } = writer;
  const pages = Number(writer.db.pragma('page_count', { simple: true }));
  writer.db.pragma(`max_page_count = ${pages}`);
  const many = Array.from({ length: 2000 }, (_, i) => ({
    kind: 'tenant' as const,
    tenant: `t${i}`,
    counters: { rx_packets: 1n },
  }));
  const error = t.throws(() => writer.append(reportAt(2, midnight + 10_000, {}, { subjects: many })), { any: true });
  t.is(faultOf(error), 'disk_full');
  t.deepEqual(writer.position.hash, position.hash);
  writer.db.pragma('max_page_count = 100000');
  writer.append(reportAt(3, midnight + 10_000, {}, { subjects: many }));
  t.deepEqual(verifyLedger(writer.db).findings, []);
});

test('a directory that cannot be made is named', (t) => {
  const path = ledgerPath(t);
  writeFileSync(path, 'a file');
  const { opened } = deskFor(t, join(path, 'below', 'test.ledger'));
  t.like(opened, { outcome: 'failed', fault: 'no_access' });
});

/** What somebody else’s mistake may do to a file. */
const damages: readonly (readonly [string, (path: string) => void])[] = [
  ['text', (path) => writeFileSync(path, 'this is no database at all, but long enough to be taken for one')],
  ['zeros at its beginning', (path) => overwrite(path, 0, 100)],
  ['a cut', (path) => truncateSync(path, readFileSync(path).length - 5 * 4096)],
  [
    'a change of its last record',
    (path) => alter(path, 'UPDATE record SET rx_packets = 9 WHERE seq = (SELECT max(seq) FROM record)'),
  ],
  ['a removal near its end', (path) => alter(path, 'DELETE FROM record WHERE seq = (SELECT max(seq) FROM record) - 9')],
];

const overwrite = (path: string, at: number, length: number): void => {
  const fd = openSync(path, 'r+');
  writeSync(fd, new Uint8Array(length), 0, length, at);
  closeSync(fd);
};

const alter = (path: string, change: string): void => {
  const db = new Database(path);
  db.exec(change);
  db.close();
};

for (const [what, damage] of damages) {
  test(`a ledger that ${what} made corrupt is moved aside, and a new one says what it follows`, (t) => {
    const path = ledgerPath(t);
    const first = new LedgerWriter(writerOptions(path));
    writeHours(first, midnight, 40);
    first.close();
    damage(path);
    const { opened, append } = deskFor(t, path);
    t.is(opened.outcome, 'open');
    const aside = opened.outcome === 'open' && 'movedAside' in opened ? opened.movedAside : undefined;
    t.regex(aside?.path ?? '', /test\.ledger\.corrupt-\d{4}-\d\d-\d\dT/);
    t.true(readdirSync(dirname(path)).some((name) => aside?.path.endsWith(name)));
    t.like(append(1), { outcome: 'appended' });
    const db = openForReading(path);
    const note = db.prepare<[], { note: string }>('SELECT note FROM record WHERE seq = 1').get();
    t.like(JSON.parse(note?.note ?? ''), { type: 'begun', follows: aside?.path, because: aside?.because });
    t.deepEqual(verifyLedger(db).findings, []);
    db.close();
  });
}

test('a file that becomes corrupt while it is written is moved aside, and the interval is in the new one', (t) => {
  const path = ledgerPath(t);
  let breaks = false;
  const { append } = deskFor(
    t,
    path,
    new LedgerDesk((options, corrupt) => {
      const writer = new LedgerWriter(options, corrupt);
      const whole = writer.append.bind(writer);
      writer.append = (report) => {
        if (!breaks) return whole(report);
        breaks = false;
        throw new LedgerError('corrupt', 'database disk image is malformed');
      };
      return writer;
    }),
  );
  append(1);
  breaks = true;
  const answer = append(2);
  t.like(answer, { outcome: 'appended', movedAside: { because: 'database disk image is malformed' } });
  t.is(packetsIn(path), 2n);
  t.is(answer.outcome === 'appended' && 'movedAside' in answer ? packetsIn(answer.movedAside.path) : 0n, 1n);
});

test('another program’s database, and a newer ledger, are left alone', (t) => {
  const path = ledgerPath(t);
  alter(path, 'CREATE TABLE theirs (a)');
  t.like(deskFor(t, path).opened, { outcome: 'failed', fault: 'foreign' });
  t.throws(() => openForReading(path), { message: /another program/ });
  const newer = ledgerPath(t);
  new LedgerWriter(writerOptions(newer)).close();
  alter(newer, 'PRAGMA user_version = 9');
  t.like(deskFor(t, newer).opened, { outcome: 'failed', fault: 'foreign' });
  t.deepEqual(
    readdirSync(dirname(newer)).filter((name) => name.includes('corrupt')),
    [],
  );
});

test('an interval that is in the ledger is not written again', (t) => {
  const { append } = deskFor(t, ledgerPath(t));
  append(1);
  append(2);
  t.deepEqual(append(3, 1), { outcome: 'stale', interval: 2 });
  t.like(append(3, 2), { outcome: 'appended' });
});

test('a ledger that is removed while it is written is begun again', (t) => {
  const path = ledgerPath(t);
  const { append } = deskFor(t, path);
  append(1);
  rmSync(path);
  t.like(append(2), { outcome: 'appended' });
  t.is(packetsIn(path), 2n);
});

test('a file where the directory is only made at the start', (t) => {
  const directory = join(dirname(ledgerPath(t)), 'a', 'b');
  t.is(deskFor(t, join(directory, 'x.ledger')).opened.outcome, 'open');
  t.notThrows(() => mkdirSync(directory, { recursive: true }));
});
