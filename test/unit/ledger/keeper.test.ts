import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { AppendAnswer, Failed } from '../../../src/ledger/desk.js';
import { LedgerKeeper } from '../../../src/ledger/keeper.js';
import { reportBetween, readingOf, type IntervalReport, type Reading } from '../../../src/ledger/reading.js';
import type { SwitchEvent } from '../../../src/model/event.js';
import { snapshotAt, tenantCounters, workerCounters } from '../../support/snapshot.js';

const position = { sequence: 1, hash: '00', toMs: 0, bytes: 0 };
const failed = (perhapsWritten: boolean): Failed => ({ outcome: 'failed', fault: 'io', message: 'on purpose', perhapsWritten });
const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };

/** What becomes of an append: it is written and told, refused before it or in it, or written and not told. */
type Fate = 'appended' | 'refused' | 'lost' | 'untold';

/** A ledger that does as it is told, beside a switch whose tenant receives `step` packets an interval. */
function fixture() {
  const written: IntervalReport[] = [];
  const fates: Fate[] = [];
  const events: SwitchEvent[] = [];
  let nowMs = 0;
  let received = 0n;
  const append = async (report: IntervalReport): Promise<AppendAnswer | Failed> => {
    const fate = fates.shift() ?? 'appended';
    const last = written.at(-1)?.interval ?? 0;
    if (fate === 'refused') return failed(false);
    if (last !== report.after && last > 0) return { outcome: 'stale', interval: last };
    if (fate === 'lost') return failed(true);
    written.push(report);
    return fate === 'untold' ? failed(true) : { outcome: 'appended', position, jumpedMs: 0 };
  };
  const read = async (): Promise<Reading> =>
    readingOf(
      snapshotAt(nowMs, { tenants: [tenantCounters(), tenantCounters({ rxPackets: received })] }),
      [{ slot: 1, name: 'red' }],
      () => ({}),
      nowMs,
    );
  const publish = (event: SwitchEvent): void => void events.push(event);
  const start = async () =>
    new LedgerKeeper({ ledger: { append }, read, publish, log: silent }, await read(), { outcome: 'open', position });
  const receive = (packets: bigint): void => {
    received += packets;
    nowMs += 10_000;
  };
  const total = () => written.reduce((sum, { subjects }) => sum + (subjects[1]?.counters['rx_packets'] ?? 0n), 0n);
  return { start, receive, fates, events, written, total, received: () => received };
}

test('what could not be written is part of the next record', async (t) => {
  const { start, receive, fates, written, events } = fixture();
  const keeper = await start();
  fates.push('appended', 'lost', 'refused', 'appended');
  for (let i = 0; i < 4; i++) {
    receive(5n);
    await keeper.write();
  }
  t.deepEqual(
    written.map(({ subjects, late, durationMs }) => [subjects[1]?.counters['rx_packets'], late, durationMs]),
    [
      [5n, false, 10_000],
      [15n, true, 30_000],
    ],
  );
  t.deepEqual(events, [
    { type: 'ledger_fault', fault: 'io', message: 'on purpose' },
    { type: 'ledger_recovered', fault: 'io' },
  ]);
  const { failures, fault } = keeper.status(40_000);
  t.deepEqual([failures.get('io'), fault], [2, null]);
});

test('a status says what a kill would lose, and what to do', async (t) => {
  const { start, receive, fates } = fixture();
  const keeper = await start();
  fates.push('lost');
  receive(1n);
  await keeper.write();
  const { pendingMs, fault } = keeper.status(12_000);
  t.is(pendingMs, 12_000);
  t.like(fault, { fault: 'io', message: 'on purpose' });
  t.regex(fault?.remedy ?? '', /disk/);
});

testProp(
  'nothing is lost and nothing written twice, whatever becomes of the appends',
  [fc.array(fc.constantFrom<Fate>('appended', 'refused', 'lost', 'untold'), { maxLength: 30 })],
  async (t, fates) => {
    const world = fixture();
    const keeper = await world.start();
    world.fates.push(...fates);
    for (const [i] of fates.entries()) {
      world.receive(BigInt(i + 1));
      await keeper.write();
      t.true(world.total() <= world.received());
    }
    world.fates.length = 0;
    world.receive(1n);
    await keeper.finish();
    t.is(world.total(), world.received());
  },
);

test('an instance’s record tells the cycles that nobody owns', (t) => {
  const at = (ms: number, busy: bigint, charged: bigint) =>
    readingOf(
      snapshotAt(ms, {
        workers: [workerCounters({ elapsed: BigInt(ms) * 100n, busy, idle: BigInt(ms) * 100n - busy - BigInt(ms) })],
        tenants: [tenantCounters({}, { match: charged })],
      }),
      [],
      () => ({ memory_byte_seconds: 5n }),
      ms,
    );
  const { subjects, durationMs } = reportBetween(at(0, 0n, 0n), at(1000, 400n, 390n), { interval: 1, after: 0, late: false });
  t.is(durationMs, 1000);
  t.like(subjects.at(-1), {
    kind: 'instance',
    counters: { elapsed: 100_000n, busy: 400n, charged: 390n, conservation_error: 1000n },
  });
  t.like(subjects[0]?.counters, { cycles_match: 390n, memory_byte_seconds: 0n });
});

test('a tenant that is new is told from 0', (t) => {
  const reading = (names: readonly string[]): Reading =>
    readingOf(
      snapshotAt(0, { tenants: [tenantCounters(), tenantCounters({ rxBytes: 9n })] }),
      names.map((name) => ({ slot: 1, name })),
      () => ({}),
      0,
    );
  const { subjects } = reportBetween(reading([]), reading(['red']), { interval: 1, after: 0, late: false });
  t.is(subjects[1]?.counters['rx_bytes'], 9n);
});
