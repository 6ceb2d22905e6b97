import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Io } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { Tariffs } from '../../../src/ledger/tariffs.js';
import type { Priced } from '../../../src/pricing/tariff.js';
import { askWriter, ledgerPath, midnight, reportAt, writerFor } from '../../support/ledger.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

async function vswitch(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { interactive: false, columns: 200, rows: 50 };
  const io: Io = { out: (text) => out.push(text), err: (text) => err.push(text), env: {}, readStdin: async () => '', terminal };
  const code = await main(args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const prices: Priced = {
  pricing: {
    currency: 'EUR',
    tariffs: [
      {
        name: 'basic',
        perGibMicro: [
          { from: 0, micro: 20_000 },
          { from: 2, micro: 10_000 },
        ],
        perMillionPacketsMicro: 1_000,
        free: { gib: 1 },
        minimumMicro: 1_000_000,
      },
      { name: 'gold', effectiveFrom: '2027-01-01', perGibMicro: 5_000 },
    ],
  },
};

/** A ledger of a day in March in which red received 5 GiB. */
async function ledgerOf(t: ExecutionContext): Promise<string> {
  const path = ledgerPath(t);
  const writer = writerFor(t, path);
  await new Tariffs(prices, askWriter(writer), midnight).read();
  writer.append(reportAt(1, midnight, { rx_packets: 2_500_000n, rx_bytes: 5n << 30n }));
  return path;
}

async function fileOf(t: ExecutionContext, value: unknown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vswitch-tariff-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const path = join(directory, 'tariff.json');
  await writeFile(path, JSON.stringify(value));
  return path;
}

test('an invoice for a person', async (t) => {
  const { out, code, err } = await vswitch('invoice', 'red', '--period', '2026-03', '--ledger', await ledgerOf(t));
  t.is(code, 0, err);
  const lines = out.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));
  for (const line of [
    'Invoice for red, 2026-03-01 to 2026-04-01 UTC, by test',
    'traffic, allowance 1073741824 bytes 1.000 GiB 0.000000 0.000000',
    'traffic 2147483648 bytes 2.000 GiB 0.020000 0.040000',
    'traffic, above 2.000 2147483648 bytes 2.000 GiB 0.010000 0.020000',
    'packets 2500000 packets 2.500 10⁶ 0.001000 0.002500',
    'subtotal 0.062500',
    'minimum 0.937500',
    'total, exact 1.000000',
    'Total 1.00 EUR',
  ])
    t.true(lines.includes(line), `${line}\nis not in\n${out}`);
  t.regex(out, /tariff basic \([0-9a-f]{16}…\)/);
});

test('rows for spreadsheets add up to the total', async (t) => {
  const { out } = await vswitch('invoice', 'red', '--period', '2026-03', '--csv', '--ledger', await ledgerOf(t));
  const rows = out.split('\r\n').map((line) => line.split(','));
  const [head, ...cells] = rows;
  t.true(rows.every((row) => row.length === head?.length));
  const amounts = cells.map((row) => BigInt(row[head?.indexOf('amount_micro') ?? 0] ?? ''));
  const total = amounts.pop() ?? 0n;
  t.is(
    amounts.reduce((sum, amount) => sum + amount, 0n),
    total,
  );
  t.is(total, 1_000_000n);
  t.deepEqual(
    cells.map((row) => row[6]),
    ['allowance', 'tier', 'tier', 'tier', 'minimum', 'total'],
  );
});

test('a running switch and its ledger’s file give the same bytes', async (t) => {
  const path = ledgerPath(t);
  const config = { ...twoTenants, accounting: { ledger: { path, intervalS: 0.1 } } };
  const { socket, native, runtime } = await runningSwitch(t, config);
  native.counters.set('tenant:1:rx_bytes', 2n ** 60n).set('tenant:1:rx_packets', 2n ** 55n + 1n);
  const period = new Date().toISOString().slice(0, 7);
  const online = async () => (await vswitch('--socket', socket, '--json', 'invoice', 'red', '--period', period)).out;
  while (!(await online()).includes('"packets":36028797018963969')) await new Promise((resolve) => setTimeout(resolve, 20));
  await runtime.close();
  const { out } = await vswitch('--json', 'invoice', 'red', '--period', period, '--ledger', path);
  t.true(out.includes('"packets":36028797018963969'));
  const person = await vswitch('invoice', 'red', '--period', period, '--ledger', path);
  t.regex(person.out, /36028797018963969 +packets/);
});

test('tariffs run side by side over recorded usage, from files of prices or configs', async (t) => {
  const ledger = await ledgerOf(t);
  const flat = await fileOf(t, { currency: 'EUR', perGibMicro: 1_000_000 });
  const config = await fileOf(t, { ...twoTenants, ...prices });
  const beside = await vswitch('price', 'simulate', flat, '--period', '2026-03', '--tenant', 'red', '--ledger', ledger);
  t.is(beside.code, 0, beside.err);
  t.regex(beside.out, /red +total +1\.00 EUR +5\.00 EUR +\+4\.000000/);
  t.regex(beside.out, /red +minimum +0\.937500 +0\.000000 +-0\.937500/);
  const gold = await vswitch('price', 'simulate', flat, `${config}#gold`, '--period', '2026-03', '--ledger', ledger);
  t.regex(gold.out, /red +total +5\.00 EUR +0\.03 EUR +-4\.975000/);
  t.regex(gold.out, /blue +total +0\.00 EUR +0\.00 EUR/);
  const { out } = await vswitch('--json', 'price', 'simulate', flat, 'recorded', '--period', '2026-03', '--ledger', ledger);
  t.deepEqual((JSON.parse(out) as { tariffs: string[] }).tariffs, [flat, 'recorded']);
});

test('the same through the API of a running switch', async (t) => {
  const path = ledgerPath(t);
  const { socket } = await runningSwitch(t, { ...twoTenants, accounting: { ledger: { path, intervalS: 0.1 } } });
  const flat = await fileOf(t, { currency: 'EUR', minimumMicro: 5_000_000 });
  const period = new Date().toISOString().slice(0, 7);
  const simulate = () => vswitch('--socket', socket, 'price', 'simulate', flat, '--period', period, '--tenant', 'red');
  let answer = await simulate();
  while (answer.code !== 0) answer = await simulate();
  t.regex(answer.out, /red +total +\d+\.\d\d EUR +5\.00 EUR/);
});

test('wrong prices, tariffs and periods are told with where and what to do', async (t) => {
  const ledger = await ledgerOf(t);
  const wrong = await fileOf(t, { currency: 'EUR', perGibMicro: [{ from: 3, micro: 1 }] });
  const typo = await fileOf(t, { pricing: { currency: 'EUR', perGbMicro: 3 } });
  const run = (...args: string[]) => vswitch('price', 'simulate', ...args, '--period', '2026-03', '--ledger', ledger);
  t.regex((await run(wrong)).err, /\/tariffs\/1\/pricing\/perGibMicro\/0\/from: the first tier is not from 0/);
  t.regex((await run(typo)).err, /\/pricing\/perGbMicro: there is no such property/);
  t.regex((await run(`${await fileOf(t, prices)}#silver`)).err, /there is no tariff silver[^]*there is basic, gold/);
  t.regex((await vswitch('invoice', 'red', '--period', '2026-13', '--ledger', ledger)).err, /2026-13 is no period[^]*a month/);
  t.regex((await vswitch('invoice', 'red', '--ledger', ledger)).err, /--period/);
  const { socket } = await runningSwitch(t);
  t.regex((await vswitch('--socket', socket, 'invoice', 'red', '--period', '2026-03')).err, /keeps no ledger/);
});
