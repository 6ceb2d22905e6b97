import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openForReading } from '../../src/ledger/open.js';
import { LedgerReader } from '../../src/ledger/reader.js';
import { verifyLedger } from '../../src/ledger/verify.js';
import type { UsageRecord } from '../../src/model/usage-record.js';
import { random } from '../support/random.js';
import { LedgerSwitch, type Sample } from './support/ledger-switch.js';

/** `npm run test:kill` kills 200 times. */
const kills = Number(process.env['LEDGER_KILLS'] ?? 10);
const intervalS = 0.2;
/** Between two looks of the poller, and for an append. */
const slackMs = 150;
const seed = Number(process.env['LEDGER_SEED'] ?? Date.now() % 1_000_000);

interface Killed {
  readonly bootId: string;
  readonly samples: readonly Sample[];
  readonly atMs: number;
}

function directoryFor(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vswitch-kill-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What a ledger that verifies holds of red, and every head that it ever had. */
function contentsOf(t: ExecutionContext, path: string): { records: UsageRecord[]; heads: ReadonlySet<string> } {
  const db = openForReading(path);
  t.deepEqual(verifyLedger(db).findings, []);
  const records = new LedgerReader(db).records({ resolution: 'raw', tenant: 'red', limit: 1_000_000 });
  const heads = db.prepare<[], { head: string }>("SELECT seq || ':' || lower(hex(hash)) AS head FROM record").all();
  db.close();
  return { records, heads: new Set(heads.map(({ head }) => head)) };
}

const packetsOf = (records: readonly UsageRecord[]): number =>
  records.reduce((sum, { counters }) => sum + Number(counters['rx_packets'] ?? 0n), 0);

test.serial(
  `${kills} kills under traffic: the ledger verifies, and holds what was seen outside but for an interval a kill`,
  async (t) => {
    t.timeout(60_000 + kills * 10_000);
    t.log(`LEDGER_SEED=${seed}`);
    const next = random(seed);
    const directory = directoryFor(t);
    const path = join(directory, 'usage.ledger');
    const killed: Killed[] = [];
    for (let i = 0; i < kills; i++) {
      const running = new LedgerSwitch(directory, path, intervalS);
      // Every fifth is killed at whatever moment of its start.
      if (i % 5 !== 4) await running.ready();
      await sleep(next() * 1200);
      const atMs = await running.end('SIGKILL');
      const { bootId, samples } = running;
      t.is(running.log, '', 'nothing is wrong with the ledger that the one before left');
      if (bootId !== undefined) killed.push({ bootId, samples, atMs });
    }
    const { records, heads } = contentsOf(t, path);
    let [seen, kept, interval] = [0, 0, 0];
    const perMs = Math.max(...killed.map(fastest));
    for (const { bootId, samples, atMs } of killed) {
      const own = records.filter((record) => record.bootId === bootId);
      t.deepEqual(
        own.map((record) => record.interval),
        own.map((_, n) => n + 1),
        'each interval once',
      );
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last) continue;
      // A machine that tests share may be late: the running interval is as long as the switch said that it is.
      const runningMs = Math.max(intervalS * 1000, ...samples.slice(-3).map(({ pendingMs }) => pendingMs)) + slackMs;
      const packets = packetsOf(own);
      t.true(last.head === undefined || heads.has(last.head), 'what was told to be on the disk is there');
      const before = samples.filter((sample) => sample.atMs <= last.atMs - runningMs).at(-1);
      t.true(
        packets >= (before?.packets ?? 0),
        `${bootId}: ${packets} of ${before?.packets}, which were seen before the running interval`,
      );
      const unseenMs = Math.max(0, atMs - last.atMs) + slackMs;
      t.true(packets <= last.packets + perMs * unseenMs, `${bootId}: ${packets}, where ${last.packets} were seen`);
      [seen, kept, interval] = [seen + last.packets, kept + packets, interval + perMs * runningMs];
    }
    t.log(
      `${killed.length} boots, ${records.length} records: ${kept} packets kept of ${seen} seen; the running intervals were ${interval.toFixed(0)}`,
    );
    t.true(kept > 0);
    t.true(Math.abs(seen - kept) <= interval, `${Math.abs(seen - kept)} of ${interval}`);
  },
);

/** Packets a millisecond, where somebody outside saw most of them. */
const fastest = ({ samples }: Killed): number =>
  samples.slice(5).reduce((most, to, n) => {
    const from = samples[n] ?? to;
    return to.atMs > from.atMs ? Math.max(most, (to.packets - from.packets) / (to.atMs - from.atMs)) : most;
  }, 0);

test.serial('SIGTERM loses nothing that was seen, ends in time, and gives the ledger back', async (t) => {
  const directory = directoryFor(t);
  const path = join(directory, 'usage.ledger');
  const running = new LedgerSwitch(directory, path, 10);
  await running.ready();
  await sleep(500);
  const askedAt = await running.end('SIGTERM');
  t.true(performance.now() - askedAt < 2000);
  t.is(running.log, '');
  const { records } = contentsOf(t, path);
  t.is(records.length, 1);
  t.true(packetsOf(records) >= (running.samples.at(-1)?.packets ?? Infinity));
  const again = new LedgerSwitch(directory, path, 10);
  await again.ready();
  await again.end('SIGTERM');
  t.is(again.log, '');
});
