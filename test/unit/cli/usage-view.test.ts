import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import type { UsageView } from '../../../src/api/schemas/usage.js';
import { renderUsage } from '../../../src/cli/view/usage-view.js';
import { dropReasons } from '../../../src/model/drop.js';
import { stages } from '../../../src/model/usage.js';

const zero = <const Names extends readonly string[]>(names: Names) =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Names[number], number>;
const noRates = { rxPacketsPerS: 0, rxBitsPerS: 0, txPacketsPerS: 0, txBitsPerS: 0 };
const noTotals = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 };

const tenant = (name: string | null, slot: number): UsageView['tenants'][number] => ({
  tenant: name,
  slot,
  rates: { ...noRates, cyclesPerPacket: 0, coreShare: 0, dropsPerS: zero(dropReasons) },
  totals: { ...noTotals, cycles: zero(stages), drops: zero(dropReasons) },
  upkeep: { memoryByteSeconds: 0, reservedCoreSeconds: 0, transactions: 0, transactionMicros: 0, pluginCycles: 0 },
  bill: null,
});

const quiet: UsageView = {
  at: '2026-01-01T00:00:00.000Z',
  intervalMs: 1000,
  tscHz: 2_000_000_000,
  tenants: [tenant(null, 0), tenant('red', 1)],
  ports: [{ port: 'up', number: 1, rates: noRates, totals: noTotals }],
  workers: [
    {
      worker: 0,
      core: 1,
      shares: { busy: 0.25, idle: 0.7, overhead: 0.04, stolen: 0.01 },
      totals: { elapsed: 100, busy: 25, idle: 70, overhead: 4, stolen: 1, polls: 1, emptyPolls: 1, sleeps: 0 },
    },
  ],
  conservationError: 0,
};

const busy: UsageView = {
  ...quiet,
  tenants: [
    tenant(null, 0),
    {
      ...tenant('red', 1),
      rates: {
        ...noRates,
        rxPacketsPerS: 12_345,
        rxBitsPerS: 9.9e6,
        cyclesPerPacket: 151.6,
        coreShare: 0.123,
        dropsPerS: { ...zero(dropReasons), policy_refused: 2 },
      },
      totals: { ...noTotals, cycles: zero(stages), drops: { ...zero(dropReasons), policy_refused: 17 } },
      bill: {
        currency: 'EUR',
        lines: [
          { item: 'cycles', quantity: 1000, freeQuantity: 0, tiers: [], amountMicro: 5 },
          { item: 'bytes', quantity: 1000, freeQuantity: 0, tiers: [], amountMicro: 6 },
          { item: 'packets', quantity: 1000, freeQuantity: 0, tiers: [], amountMicro: 7 },
        ],
        totalMicro: 18,
      },
    },
  ],
};

/** The cells of the line that begins with this word, in the section. */
const row = (text: string, section: string, first: string): string[] => {
  const body = text.split('\n\n').find((part) => part.startsWith(section)) ?? '';
  return (
    body
      .split('\n')
      .find((line) => line.startsWith(first))
      ?.split(/ {2,}/) ?? []
  );
};

test('a tenant’s line: rates, cycles per packet, share of the core, drops', (t) => {
  const text = renderUsage(busy, { width: 200, colour: false });
  t.deepEqual(row(text, 'Tenants', 'red'), ['red', '12.3k', '9.90M', '0', '0', '152', '12.3%', '2', '17']);
});

test('drops by reason, and the bill', (t) => {
  const text = renderUsage(busy, { width: 200, colour: false });
  t.deepEqual(row(text, 'Drops', 'red'), ['red', 'policy_refused', '17', '2']);
  t.deepEqual(row(text, 'Bill', 'red'), ['red', '0.000005 EUR', '0.000006 EUR', '0.000007 EUR', '0.000018 EUR']);
});

test('where nothing was dropped and nothing costs, these sections are left out', (t) => {
  const text = renderUsage(quiet, { width: 200, colour: false });
  t.false(/^(Drops|Bill)/m.test(text));
  t.deepEqual(row(text, 'Workers', '0'), ['0', '1', '25.0%', '70.0%', '4.0%', '1.0%']);
  t.is(row(text, 'Tenants', '(none)')[0], '(none)');
});

test('colour is asked for', (t) => {
  t.false(renderUsage(busy, { width: 80, colour: false }).includes('\u001b'));
  t.true(renderUsage(busy, { width: 80, colour: true }).includes('\u001b[1mPorts\u001b[0m'));
});

testProp('no line is longer than the terminal is wide', [fc.integer({ min: 10, max: 150 })], (t, width) => {
  t.true(
    renderUsage(busy, { width, colour: false })
      .split('\n')
      .every((line) => line.length <= width),
  );
});
