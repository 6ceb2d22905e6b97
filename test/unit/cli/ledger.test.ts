import { copyFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { LedgerWriter } from '../../../src/ledger/writer.js';
import { vswitch } from '../../support/command-line.js';
import { ledgerPath, midnight, writeHours, writerOptions } from '../../support/ledger.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

/** The path of a ledger of two hours. */
function twoHours(t: ExecutionContext): string {
  const path = ledgerPath(t);
  const writer = new LedgerWriter(writerOptions(path));
  writeHours(writer, midnight, 2);
  writer.close();
  return path;
}

test('a file is verified without a switch, and its head is proven', async (t) => {
  const path = twoHours(t);
  const { code, out } = await vswitch('usage', 'verify', path);
  t.is(code, 0, out);
  t.regex(out, /: nothing was changed or removed\n54 records, /);
  const [, head = ''] = /^head: (\d+:[0-9a-f]{64})$/m.exec(out) ?? [];
  const again = await vswitch('usage', 'verify', path, '--head', head);
  t.regex(again.out, /the head that was noted down is in it/);
  t.is((await vswitch('usage', 'verify', path, '--head', `9${head}`)).code, 1);
  t.like(JSON.parse((await vswitch('--json', 'usage', 'verify', path)).out), { file: path, head, findings: [] });
});

test('a record that was changed is named, with exit code 1', async (t) => {
  const path = twoHours(t);
  const db = new Database(path);
  db.exec('UPDATE record SET rx_packets = 0 WHERE seq = 7');
  db.close();
  const { code, out } = await vswitch('usage', 'verify', path);
  t.is(code, 1);
  t.regex(out, /NOT as it was written/);
  t.regex(out, /record 7: was changed/);
});

test('what is no ledger is refused with what to do', async (t) => {
  const path = ledgerPath(t);
  const missing = await vswitch('usage', 'verify', path);
  t.is(missing.code, 66);
  t.regex(missing.err, /LEDGER_UNREADABLE/);
  copyFileSync('package.json', path);
  const { code, err } = await vswitch('usage', 'verify', path);
  t.is(code, 66);
  t.regex(err, /name a file that `vswitch run` wrote/);
  t.is((await vswitch('usage', 'verify', path, '--head', 'abc')).code, 64);
});

test('the running switch’s records, place, head and proof', async (t) => {
  const path = ledgerPath(t);
  const { native, socket } = await runningSwitch(t, { ...twoTenants, accounting: { ledger: { path, intervalS: 0.1 } } });
  const cli = (...args: string[]) => vswitch('--socket', socket, 'usage', ...args);
  native.counters.set('tenant:1:rx_packets', 1234n).set('tenant:1:drop_table_miss', 17n);
  for (let i = 0; i < 100 && !(await cli('records', '--tenant', 'red')).out.includes('1234'); i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.regex((await cli('records', '--tenant', 'red')).out, /red +1234 +0 +0 +0 +17/);
  t.regex((await cli('records', '--limit', '2')).out, /more: --cursor \d+/);
  const ledger = await cli('ledger');
  t.true(ledger.out.includes(path));
  t.regex(ledger.out, /head: +\d+:[0-9a-f]{64}/);
  const { out: head } = await cli('head');
  t.is((await cli('verify', '--head', head)).code, 0);
  t.is((await cli('records', '--from', 'yesterday')).code, 64);
});
