import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openForReading } from '../../src/ledger/open.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import { deskFor, packetsIn } from '../support/ledger.js';

test('a disk that is full, and one that is read-only, are named; the records are there when it is not', (t) => {
  const mount = mkdtempSync(join(tmpdir(), 'vswitch-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount]);
  t.teardown(() => {
    execFileSync('umount', ['-l', mount]);
    rmSync(mount, { recursive: true });
  });
  const path = join(mount, 'test.ledger');
  const { append, desk } = deskFor(t, path);
  t.like(append(1), { outcome: 'appended' });
  const filler = join(mount, 'filler');
  const fd = openSync(filler, 'w');
  t.throws(() => {
    for (;;) writeSync(fd, new Uint8Array(4096));
  });
  closeSync(fd);
  let last = 1;
  let answer = append(2);
  for (; answer.outcome === 'appended'; answer = append(last + 1)) last++;
  t.like(answer, { outcome: 'failed', fault: 'disk_full', perhapsWritten: true });
  t.like(append(last + 2, last), { outcome: 'failed', fault: 'disk_full' });
  rmSync(filler);
  t.like(append(last + 3, last), { outcome: 'appended' });
  desk.answer({ verb: 'close' });

  execFileSync('mount', ['-o', 'remount,ro', mount]);
  t.like(append(last + 4, last + 3), { outcome: 'failed', fault: 'read_only', perhapsWritten: false });
  t.true(packetsIn(path) > 0n, 'it can be read there');
  execFileSync('mount', ['-o', 'remount,rw', mount]);
  t.like(append(last + 4, last + 3), { outcome: 'appended' });
  const db = openForReading(path);
  t.deepEqual(verifyLedger(db).findings, []);
  db.close();
});
