import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openForReading } from '../src/ledger/open.js';
import { LedgerReader } from '../src/ledger/reader.js';
import type { IntervalReport, Subject } from '../src/ledger/reading.js';
import { verifyLedger } from '../src/ledger/verify.js';
import { LedgerWriter } from '../src/ledger/writer.js';
import { defaultKeepDays } from '../src/config/accounting-schema.js';
import { stages } from '../src/model/usage.js';
import { dayMs, hourMs } from '../src/model/usage-record.js';

// A year of records, as the ledger holds it at the end: `node --import=tsx bench/ledger-year.ts [--tenants 16] [--interval 10]`. Of days
// whose intervals are dropped by then one interval an hour is written; their roll-ups are the same.
const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '16' },
    interval: { type: 'string', default: '10' },
    directory: { type: 'string' },
  },
});
const [tenants, intervalMs] = [Number(values.tenants), Number(values.interval) * 1000];
const directory = mkdtempSync(join(values.directory ?? tmpdir(), 'ledger-year-'));
const path = join(directory, 'year.ledger');
const begin = Date.UTC(2026, 0, 1);
const end = begin + 365 * dayMs;
const fullFrom = end - (defaultKeepDays.rawDays + 1) * dayMs;

let state = 1;
/** A linear congruential generator (Numerical Recipes): up to `most`, as large as counters of a busy port. */
const some = (most: number): bigint => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return BigInt(Math.floor((state / 2 ** 32) * most));
};

function subjectsOf(): Subject[] {
  const counters = () => ({
    rx_packets: some(10_000_000),
    rx_bytes: some(10_000_000_000),
    tx_packets: some(10_000_000),
    tx_bytes: some(10_000_000_000),
    ...Object.fromEntries(stages.map((stage) => [`cycles_${stage}`, some(5_000_000_000)])),
    memory_byte_seconds: some(100_000_000),
    drop_table_miss: some(1000),
    drop_policy_refused: some(1000),
    drop_tx_queue_full: some(100_000),
  });
  const cycles = ['elapsed', 'busy', 'idle', 'overhead', 'stolen', 'charged'];
  return [
    { kind: 'uplink', tenant: null, counters: counters() },
    ...Array.from({ length: tenants }, (_, i): Subject => ({ kind: 'tenant', tenant: `tenant-${i}`, counters: counters() })),
    { kind: 'instance', tenant: null, counters: Object.fromEntries(cycles.map((name) => [name, some(25_000_000_000)])) },
  ];
}

const timesMs: number[] = [];
let peakBytes = 0;
const writer = new LedgerWriter({ path, instance: 'year', bootId: 'year', keep: defaultKeepDays });
for (let at = begin, interval = 1; at < end; interval++) {
  const stepMs = at < fullFrom ? hourMs : intervalMs;
  // Synced to the disk only where it is timed, as it is in a switch.
  const timed = at >= end - dayMs;
  writer.db.pragma(`synchronous = ${timed ? 'FULL' : 'OFF'}`);
  const report: IntervalReport = {
    interval,
    after: interval - 1,
    fromWallMs: at,
    wallMs: at + stepMs,
    durationMs: stepMs,
    tscHz: 2_500_000_000n,
    late: false,
    subjects: subjectsOf(),
  };
  const startedAt = performance.now();
  const { position } = writer.append(report);
  if (timed) timesMs.push(performance.now() - startedAt);
  peakBytes = Math.max(peakBytes, position.bytes);
  at += stepMs;
}
writer.close();

const db = openForReading(path);
const reader = new LedgerReader(db);
const queries: readonly (readonly [string, () => number])[] = [
  ['a tenant’s year', () => [...reader.usageSlices('tenant-3', begin, end)].length],
  ['a tenant’s last month', () => [...reader.usageSlices('tenant-3', end - 30 * dayMs, end)].length],
  ['a tenant’s last day', () => [...reader.usageSlices('tenant-3', end - dayMs, end)].length],
  ['a page of 100 records of all', () => reader.records({ resolution: 'raw', fromMs: end - dayMs, limit: 100 }).length],
  [
    '1000 records of a tenant',
    () => reader.records({ resolution: 'raw', tenant: 'tenant-3', fromMs: end - 2 * dayMs, limit: 1000 }).length,
  ],
  ['verify of everything', () => verifyLedger(db).records],
];
const count = (resolution: number): number =>
  db.prepare<number[], { n: number }>('SELECT count(*) AS n FROM record WHERE resolution = ?').get(resolution)?.n ?? 0;
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const percentile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
const sorted = [...timesMs].sort((a, b) => a - b);

console.log(`records: ${count(0)} raw, ${count(1)} hourly, ${count(2)} daily`);
console.log(`size at most: ${mib(peakBytes)} MiB`);
console.log(
  `append: median ${percentile(0.5).toFixed(2)} ms, 99 % ${percentile(0.99).toFixed(2)} ms, most ${percentile(1).toFixed(0)} ms`,
);
for (const [what, query] of queries) {
  const startedAt = performance.now();
  const found = query();
  console.log(`${what}: ${found} in ${(performance.now() - startedAt).toFixed(0)} ms`);
}
const findings = verifyLedger(db).findings.length;
console.log(findings === 0 ? 'it verifies' : `${findings} records do not verify`);
db.close();
rmSync(directory, { recursive: true });
process.exitCode = findings === 0 ? 0 : 1;
