import test, { type ExecutionContext } from 'ava';
import { Exporter } from '../../../src/export/exporter.js';
import { httpPoster } from '../../../src/export/post.js';
import { answerBill } from '../../../src/ledger/bill-desk.js';
import type { LedgerWriter } from '../../../src/ledger/writer.js';
import { ledgerPath, midnight, redOf, reportAt, writeHours, writerFor } from '../../support/ledger.js';
import { receiverFor, type Receiver } from '../../support/receiver.js';

const silent = { warn: () => undefined, info: () => undefined };

/** An exporter of a ledger whose timers the test runs: `run(n)` lets it take n steps. */
function exporterOf(t: ExecutionContext, writer: LedgerWriter, receiver: Receiver, batch = 20) {
  const delays: number[] = [];
  let work: (() => void) | undefined;
  const target = receiver.url;
  const exporter = new Exporter({
    source: {
      position: async () => answerBill(writer.db, { ask: 'exported', target }),
      setPosition: async (sequence) => void answerBill(writer.db, { ask: 'setExported', target, sequence }),
      read: async (after, limit) => answerBill(writer.db, { ask: 'toExport', after, limit }),
    },
    poster: httpPoster(receiver.url, 'secret'),
    intervalMs: 10_000,
    batch,
    log: silent,
    random: () => 0,
    after: (ms, next) => {
      delays.push(ms);
      work = next;
      return () => (work = undefined);
    },
  });
  exporter.start();
  t.teardown(() => exporter.stop());
  const step = async (): Promise<void> => {
    const before = delays.length;
    work?.();
    while (delays.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  /** Until there is nothing more to send; failures as well. @returns the delays that it asked for. */
  const drain = async (): Promise<readonly number[]> => {
    const first = delays.length;
    do await step();
    while (delays.at(-1) !== 10_000);
    return delays.slice(first, -1);
  };
  return { exporter, drain, step, delays };
}

const intervals = (writer: LedgerWriter, first: number, count: number): void => {
  for (let n = first; n < first + count; n++) writer.append(reportAt(n, midnight + n * 10_000, redOf(n)));
};
const packetsOf = (count: number): bigint => BigInt((count * (count + 1)) / 2);

test('every record is sent as CloudEvents have it, with integers as text', async (t) => {
  const [writer, receiver] = [writerFor(t, ledgerPath(t)), await receiverFor(t)];
  intervals(writer, 1, 1);
  const { drain, exporter } = exporterOf(t, writer, receiver);
  await drain();
  t.deepEqual(
    [...receiver.events.values()],
    [
      {
        specversion: '1.0',
        id: 'test/boot-1/1/red',
        source: 'mts-vswitch/test',
        type: 'mts-vswitch.usage',
        subject: 'red',
        time: '2026-03-01T00:00:10.000Z',
        datacontenttype: 'application/json',
        data: {
          instance: 'test',
          from: '2026-03-01T00:00:10.000Z',
          to: '2026-03-01T00:00:20.000Z',
          cycles: '12',
          bytes: '100',
          packets: '1',
          memoryByteSeconds: '3',
          reservedCoreSeconds: '2',
        },
      },
    ],
  );
  t.deepEqual(receiver.requests, [{ type: 'application/cloudevents-batch+json', authorization: 'Bearer secret', size: 1 }]);
  t.like(exporter.status(), { events: 1, missed: 0, position: writer.position.sequence });
  t.truthy(exporter.status().lastSuccessMs);
});

test('a receiver that fails is tried again, later each time, and gets everything once', async (t) => {
  const [writer, receiver] = [writerFor(t, ledgerPath(t)), await receiverFor(t)];
  intervals(writer, 1, 30);
  receiver.answers.push(503, 503, 401, 503);
  const { drain, exporter } = exporterOf(t, writer, receiver);
  const delays = await drain();
  t.deepEqual(delays.slice(0, 5), [1000, 2000, 4000, 8000, 0]);
  t.is(receiver.sum('red', 'packets'), packetsOf(30));
  t.is(receiver.repeats, 0);
  t.deepEqual(
    [...exporter.status().failures],
    [
      ['failed', 3],
      ['refused', 1],
    ],
  );
});

test('the delay has an end', async (t) => {
  const [writer, receiver] = [writerFor(t, ledgerPath(t)), await receiverFor(t)];
  intervals(writer, 1, 1);
  const { step, delays } = exporterOf(t, writer, receiver);
  receiver.answers.push(...Array.from({ length: 12 }, () => 500));
  for (let i = 0; i < 12; i++) await step();
  t.is(delays.at(-1), 300_000);
});

test('an answer that is lost makes repeats, which the receiver knows by their ids', async (t) => {
  const [writer, receiver] = [writerFor(t, ledgerPath(t)), await receiverFor(t)];
  intervals(writer, 1, 30);
  receiver.answers.push(204, 'forgotten');
  const { drain } = exporterOf(t, writer, receiver);
  await drain();
  t.true(receiver.repeats > 0);
  t.is(receiver.sum('red', 'packets'), packetsOf(30));
});

test('it goes on where it was after a restart of the switch, and of the receiver', async (t) => {
  const [path, receiver] = [ledgerPath(t), await receiverFor(t)];
  const first = writerFor(t, path);
  intervals(first, 1, 10);
  const before = exporterOf(t, first, receiver);
  await before.drain();
  const taken = receiver.requests.length;
  await receiver.stop();
  intervals(first, 11, 10);
  await before.step();
  t.is(before.exporter.status().failures.get('unreachable'), 1);
  await before.exporter.stop();
  first.close();

  await receiver.start();
  const second = writerFor(t, path, { bootId: 'boot-2' });
  second.append(reportAt(1, midnight + 30 * 10_000, redOf(21), { after: 0 }));
  const { drain, exporter } = exporterOf(t, second, receiver);
  await drain();
  t.is(receiver.sum('red', 'packets'), packetsOf(21));
  t.is(receiver.repeats, 0);
  t.is(receiver.events.size, 21);
  t.true(receiver.requests.length > taken);
  t.is(exporter.status().position, second.position.sequence);
});

test('a batch that is too large is halved', async (t) => {
  const [writer, receiver] = [writerFor(t, ledgerPath(t)), await receiverFor(t)];
  intervals(writer, 1, 10);
  receiver.answers.push(413);
  const { drain } = exporterOf(t, writer, receiver, 16);
  await drain();
  t.deepEqual(receiver.requests.map(({ size }) => size).slice(0, 2), [4, 2]);
  t.is(receiver.sum('red', 'packets'), packetsOf(10));
});

test('roll-ups are not sent, and records that were dropped unsent are counted', async (t) => {
  const [writer, receiver] = [
    writerFor(t, ledgerPath(t), { keep: { rawDays: 1, hourlyDays: 2, dailyDays: 3 } }),
    await receiverFor(t),
  ];
  const { drain, exporter } = exporterOf(t, writer, receiver, 1000);
  const written = writeHours(writer, midnight, 4, 2);
  await drain();
  t.is(receiver.events.size, written);
  t.is(exporter.status().missed, 0);
  writeHours(writer, midnight + 4 * 3_600_000, 24 * 5, 2, written + 1);
  await drain();
  t.true(exporter.status().missed > 0);
  t.true(receiver.events.size < written + 24 * 5 * 2);
});

test('stopping gives up what is on its way', async (t) => {
  const writer = writerFor(t, ledgerPath(t));
  const receiver = await receiverFor(t);
  intervals(writer, 1, 5);
  const { exporter } = exporterOf(t, writer, receiver);
  await exporter.stop();
  t.is(exporter.status().events, 0);
});
