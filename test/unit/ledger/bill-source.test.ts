import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { answerBill } from '../../../src/ledger/bill-desk.js';
import { openLedgerFile } from '../../../src/ledger/bill-source.js';
import { Tariffs } from '../../../src/ledger/tariffs.js';
import type { LedgerWriter } from '../../../src/ledger/writer.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import { dayMs } from '../../../src/model/usage-record.js';
import { Billing } from '../../../src/pricing/billing.js';
import { canonicalJson, sha256 } from '../../../src/pricing/canonical.js';
import type { Priced } from '../../../src/pricing/tariff.js';
import { askWriter, ledgerPath, midnight, redOf, writeHours, writerFor } from '../../support/ledger.js';

const priced = (perMillionPacketsMicro: number): Priced => ({
  pricing: { currency: 'EUR', perMillionPacketsMicro, perGibMicro: 10 ** 9, minimumMicro: 31 },
});

/** As a switch that is started with this config at this time records it. */
const startWith = (writer: LedgerWriter, config: Priced, atMs: number): Tariffs => new Tariffs(config, askWriter(writer), atMs);

/** The invoice of a ledger's file, as bytes. */
async function invoiceOf(t: ExecutionContext, path: string, period = '2026-03', tenant = 'red'): Promise<string> {
  const file = openLedgerFile(path);
  t.teardown(() => file.close());
  return canonicalJson(await new Billing(file.source).invoice(tenant, period));
}

const packets = (count: number): bigint =>
  Array.from({ length: count }, (_, i) => redOf(i + 1)['rx_packets'] ?? 0n).reduce((a, b) => a + b);

test('an invoice is made of the ledger’s file alone, and a copy elsewhere gives the same bytes', async (t) => {
  const [path, copy] = [ledgerPath(t), ledgerPath(t)];
  const writer = writerFor(t, path);
  await startWith(writer, priced(10 ** 9), midnight).read();
  const count = writeHours(writer, midnight, 30);
  const made = await invoiceOf(t, path);
  writer.db.exec(`VACUUM INTO '${copy}'`);
  t.is(await invoiceOf(t, copy), made);
  const invoice = JSON.parse(made) as { usage: { packets: number }; instances: string[]; ledgerHead: string; totalMicro: number };
  t.is(BigInt(invoice.usage.packets), packets(count));
  t.deepEqual(invoice.instances, ['test']);
  t.regex(invoice.ledgerHead, /^\d+:[0-9a-f]{64}$/);
  t.true(invoice.totalMicro > 31);
});

test('a month that is over has the same invoice for ever, whatever is recorded and rolled up and dropped later', async (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path, { keep: { rawDays: 1, hourlyDays: 2, dailyDays: 100 } });
  await startWith(writer, priced(10 ** 9), midnight).read();
  const march = writeHours(writer, midnight, 31 * 24, 1);
  writeHours(writer, midnight + 31 * dayMs, 1, 1, march + 1);
  const made = await invoiceOf(t, path);
  await startWith(writer, priced(5), midnight + 31 * dayMs).read();
  writeHours(writer, midnight + 31 * dayMs + 3_600_000, 5 * 24, 1, march + 2);
  t.is(
    answerBill(writer.db, { ask: 'slices', tenant: 'red', period: { fromMs: midnight, toMs: midnight + 31 * dayMs } }).length,
    31,
  );
  t.is(await invoiceOf(t, path), made);
  t.not(await invoiceOf(t, path, '2026-04'), made);
});

test('what a config says now changes no invoice of before', async (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  await startWith(writer, priced(10 ** 9), midnight).read();
  writeHours(writer, midnight, 24);
  const made = await invoiceOf(t, path, '2026-03-01');
  const later = startWith(writer, priced(1), midnight + 20 * 3_600_000);
  await later.read();
  t.is(await invoiceOf(t, path, '2026-03-01'), made);
  t.is(later.at('red', midnight)?.rates.packets.tiers[0]?.priceMicro, 10n ** 9n);
  t.is(later.at('red', midnight + dayMs)?.rates.packets.tiers[0]?.priceMicro, 1n);
});

test('the same tariffs are recorded once; a clock that was set back keeps their order', async (t) => {
  const writer = writerFor(t, ledgerPath(t));
  for (const [price, atMs] of [
    [1, 1000],
    [1, 2000],
    [2, 500],
    [1, 600],
  ] as const)
    await startWith(writer, priced(price), atMs).read();
  const rows = answerBill(writer.db, { ask: 'tariffs' });
  t.deepEqual(
    rows.map(({ sinceMs }) => sinceMs),
    [1000, 1001, 1002],
  );
  t.is(rows[0]?.hash, rows[2]?.hash);
});

for (const [what, change, finding] of [
  [
    'a digit of a price',
    `UPDATE tariffs SET text = replace(text, '1000', '1001')`,
    /^the tariffs of 2026-03-01T.*Z were changed$/,
  ],
  ['when they began', 'UPDATE tariffs SET since_ms = since_ms - 1', /not in the chain/],
  ['that they were there', 'DELETE FROM tariffs', /were changed or removed/],
  ['others, added', `INSERT INTO tariffs SELECT since_ms + 1, hash, text FROM tariffs`, /not in the chain/],
] as const)
  test(`tariffs in the file are proven: ${what}`, async (t) => {
    const path = ledgerPath(t);
    const writer = writerFor(t, path);
    await startWith(writer, priced(1000), midnight).read();
    writeHours(writer, midnight, 2);
    t.deepEqual(verifyLedger(writer.db).findings, []);
    writer.close();
    const db = new Database(path);
    t.teardown(() => db.close());
    db.exec(change);
    const { findings } = verifyLedger(db);
    t.true(
      findings.some(({ message }) => finding.test(message)),
      JSON.stringify(findings),
    );
  });

test('a tariff whose hash was made anew is found, too, and no changed one is invoiced', async (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  await startWith(writer, priced(1000), midnight).read();
  writeHours(writer, midnight, 2);
  writer.close();
  const db = new Database(path);
  t.teardown(() => db.close());
  db.exec(`UPDATE tariffs SET text = replace(text, '1000', '1001')`);
  await t.throwsAsync(invoiceOf(t, path), { code: 'LEDGER_UNREADABLE', message: /changed/ });
  const text = answerBill(db, { ask: 'tariffs' })[0]?.text ?? '';
  db.prepare('UPDATE tariffs SET hash = ?').run(sha256(text));
  t.regex(verifyLedger(db).findings[0]?.message ?? '', /not in the chain/);
});

test('tariffs that an older version wrote are not proven until a switch has run, then they are', async (t) => {
  const path = ledgerPath(t);
  const before = writerFor(t, path);
  before.db.prepare('INSERT INTO tariffs VALUES (?, ?, ?)').run(midnight, sha256('{}'), '{}');
  writeHours(before, midnight, 2);
  t.regex(verifyLedger(before.db).findings[0]?.message ?? '', /not in the chain.*older version/);
  before.close();
  const after = writerFor(t, path, { bootId: 'boot-2' });
  t.deepEqual(verifyLedger(after.db).findings, []);
  t.is(after.interval, 0, 'the note is no interval of this boot');
  writeHours(after, midnight + 2 * 3_600_000, 2);
  const { sequence } = after.position;
  after.close();
  const again = writerFor(t, path, { bootId: 'boot-2' });
  t.is(again.position.sequence, sequence, 'once');
  t.is(again.interval, 12);
  t.deepEqual(verifyLedger(again.db).findings, []);
});

test('what cannot be invoiced says why', async (t) => {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  writeHours(writer, midnight, 2);
  await t.throwsAsync(invoiceOf(t, path), { code: 'TARIFF_NOT_FOUND' });
  await t.throwsAsync(invoiceOf(t, path, '2026-03', 'green'), { code: 'TENANT_NOT_FOUND', message: /green/ });
  await t.throwsAsync(invoiceOf(t, path, 'March'), { code: 'REQUEST_INVALID', message: /no period/ });
  t.throws(() => openLedgerFile(`${path}.not`), { code: 'LEDGER_UNREADABLE' });
});

test('without a ledger the config’s tariffs hold', async (t) => {
  const tariffs = new Tariffs(priced(7), undefined, midnight);
  t.is(tariffs.source, undefined);
  t.is((await tariffs.read()).length, 1);
  t.is(tariffs.at('red', 0)?.rates.packets.tiers[0]?.priceMicro, 7n);
  t.is(new Tariffs({}, undefined, 0).at('red', 0), undefined);
});
