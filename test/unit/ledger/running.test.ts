import { statSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import pino from 'pino';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { LedgerSchema, RecordsSchema, type LedgerView, type RecordsView } from '../../../src/api/schemas/ledger.js';
import { openForReading } from '../../../src/ledger/open.js';
import { LedgerReader } from '../../../src/ledger/reader.js';
import { verifyLedger } from '../../../src/ledger/verify.js';
import type { VswitchError } from '../../../src/model/errors.js';
import { startVswitch } from '../../../src/runtime.js';
import { FakeNative } from '../../support/fake-native.js';
import { ledgerPath } from '../../support/ledger.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

const configFor = (path: string, intervalS = 0.1) => ({ ...twoTenants, accounting: { ledger: { path, intervalS } } });

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200 && !(await condition()); i++) await new Promise((resolve) => setTimeout(resolve, 20));
}

const packetsOf = (t: ExecutionContext, path: string, tenant: string): bigint => {
  const db = openForReading(path);
  t.teardown(() => db.close());
  t.deepEqual(verifyLedger(db).findings, []);
  return [...new LedgerReader(db).usageSlices(tenant, 0, Infinity)].reduce((sum, { packets }) => sum + packets, 0n);
};

test('a running switch keeps what its tenants used, and what is left when it stops', async (t) => {
  const path = ledgerPath(t);
  const { native, runtime, call } = await runningSwitch(t, configFor(path));
  native.counters.set('tenant:1:rx_packets', 10n).set('tenant:1:cycles_match', 500n).set('tenant:0:drop_table_miss', 2n);
  const page = async () => (await call('GET', '/v1/usage/records?tenant=red&limit=10000')).json<RecordsView>().records;
  await until(async () => (await page()).some(({ counters }) => Number(counters['rx_packets']) === 10));
  native.counters.set('tenant:1:rx_packets', 25n);
  const ledger = await call('GET', '/v1/usage/ledger');
  t.deepEqual([...Compile(LedgerSchema as TSchema).Errors(ledger.json())], []);
  t.like(ledger.json<LedgerView>(), { path, intervalMs: 100, fault: null, failures: {} });
  const all = await call('GET', '/v1/usage/records');
  t.deepEqual([...Compile(RecordsSchema as TSchema).Errors(all.json())], []);
  await runtime.close();
  t.is(packetsOf(t, path, 'red'), 25n);
  t.is(packetsOf(t, path, 'blue'), 0n);
});

test('a restart goes on in the same ledger; counters begin at 0 again and nothing is charged twice', async (t) => {
  const path = ledgerPath(t);
  for (const packets of [7n, 5n]) {
    const { native, runtime } = await runningSwitch(t, configFor(path, 10));
    native.counters.set('tenant:2:rx_packets', packets);
    await runtime.close();
  }
  t.is(packetsOf(t, path, 'blue'), 12n);
});

test('a second switch on the same ledger is refused before it touches a device', async (t) => {
  const path = ledgerPath(t);
  await runningSwitch(t, configFor(path));
  const addon = new FakeNative();
  const config = { ...configFor(path), api: { socket: `${path}.sock` } };
  const starting = startVswitch(config, { log: pino({ level: 'silent' }), addonLoader: () => addon });
  const { code, faults } = await t.throwsAsync<VswitchError>(starting);
  t.is(code, 'LEDGER_IN_USE');
  t.like(faults[0], { pointer: '/accounting/ledger/path', value: path });
  t.regex(faults[0]?.remedy ?? '', /end the other switch/);
  t.is(addon.switches.length, 0);
});

test('without a ledger the API says so', async (t) => {
  const { call } = await runningSwitch(t);
  for (const path of ['/v1/usage/ledger', '/v1/usage/records']) {
    const answer = await call('GET', path);
    t.is(answer.status, 404);
    t.like(answer.json(), { code: 'NOT_FOUND', faults: [{ pointer: '/accounting/ledger' }] });
  }
});

test('faults of a query are all told', async (t) => {
  const { call } = await runningSwitch(t, configFor(ledgerPath(t)));
  const answer = await call('GET', '/v1/usage/records?from=yesterday&to=2026-13-01&limit=0');
  t.is(answer.status, 400);
  t.deepEqual(
    answer.json<VswitchError>().faults.map(({ pointer }) => pointer),
    ['/query/limit', '/query/from', '/query/to'],
  );
});

test('a ledger is no file for everybody', async (t) => {
  const path = ledgerPath(t);
  await runningSwitch(t, configFor(path));
  t.is(statSync(path).mode & 0o007, 0);
});
