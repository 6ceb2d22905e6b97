import test from 'ava';
import { fc, testProp } from '@fast-check/ava';
import { Batch, noVerdicts, type VerdictPort } from '../../../src/plugins/host/batch.js';
import type { HeldPacket, Packet } from '../../../src/plugins/sdk/packets.js';
import { RecordReader } from '../../../src/plugins/wire/reader.js';
import { headerBytes, maxFrameBytes } from '../../../src/plugins/wire/record.js';
import { RecordWriter } from '../../../src/plugins/wire/writer.js';
import { frameOf, recordOf, recordsIn } from '../../support/punted.js';

/** A batch of the frames, and what was written when `handle` saw each. */
function handled(frames: readonly Uint8Array[], handle: (packet: Packet, i: number) => void, mark = 0) {
  const written: Uint8Array[] = [];
  const writer = new RecordWriter((bytes) => written.push(Buffer.from(bytes)));
  const port: VerdictPort = { writer, counts: noVerdicts(), doneBits: 4, wrote: () => writer.flush() };
  const stream = Buffer.concat(frames.map((frame, i) => recordOf({ frame, worker: 3, port: i + 1, mark })));
  const reader = new RecordReader(65_536);
  const batch = new Batch(reader, port);
  reader.target.set(stream);
  reader.accept(stream.length, (at) => batch.add(at));
  let i = 0;
  for (const packet of batch) handle(packet, i++);
  batch.end();
  writer.flush();
  return { counts: port.counts, sent: () => recordsIn(Buffer.concat(written)) };
}

testProp(
  'records come out whole, however the stream is cut',
  [fc.array(fc.integer({ min: 14, max: 400 }), { maxLength: 30 }), fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 })],
  (t, lengths, cuts) => {
    const frames = lengths.map((length, i) => frameOf(length, i + 1));
    const stream = Buffer.concat(frames.map((frame, i) => recordOf({ frame, handler: i })));
    const reader = new RecordReader(1024);
    const seen: { handler: number; frame: Buffer }[] = [];
    let from = 0;
    for (let i = 0; from < stream.length; i++) {
      const size = stream.copy(reader.target, 0, from, from + (cuts[i % cuts.length] ?? 1));
      reader.accept(size, (at, length) => {
        const frame = Buffer.from(reader.bytes.subarray(at + headerBytes, at + headerBytes + length));
        seen.push({ handler: reader.view.getUint32(at + 8, true), frame });
      });
      reader.keep(size);
      from += size;
    }
    t.deepEqual(
      seen,
      frames.map((frame, handler) => ({ handler, frame: Buffer.from(frame) })),
    );
  },
);

test('what is no record is refused', (t) => {
  const reader = new RecordReader(65_536);
  reader.target.writeUInt32LE(maxFrameBytes + 1);
  t.throws(() => reader.accept(16, () => t.fail()), { message: /9729/ });
});

test('each verdict writes what it says', (t) => {
  const frames = [60, 61, 1514, 60, 60].map((length, i) => frameOf(length, i + 1));
  const verdicts: ((packet: Packet) => void)[] = [
    (packet) => {
      packet.bytes[0] = 99;
      packet.forward();
    },
    (packet) => packet.rewrite(frameOf(70, 9)),
    (packet) => packet.output(7),
    (packet) => packet.drop(),
    (packet) => packet.consume(),
  ];
  const { counts, sent } = handled(frames, (packet, i) => verdicts[i]?.(packet), 1);
  const { records, rest } = sent();
  t.is(rest, 0);
  t.deepEqual(
    records.map(({ frame: _, ...head }) => head),
    [
      { length: 60, kind: 0, worker: 3, port: 1, handler: 0, mark: 5 },
      { length: 70, kind: 0, worker: 3, port: 2, handler: 0, mark: 5 },
      { length: 1514, kind: 1, worker: 3, port: 7, handler: 0, mark: 0 },
    ],
  );
  t.deepEqual([...(records[0]?.frame ?? [])], [99, ...Array<number>(59).fill(1)]);
  t.deepEqual(records[1]?.frame, frameOf(70, 9));
  t.deepEqual(records[2]?.frame, frames[2]);
  t.deepEqual(counts, { handled: 5, forwarded: 2, output: 1, dropped: 1, consumed: 1 });
});

test('a packet of which nothing is said is dropped; only the first verdict counts', (t) => {
  const { counts, sent } = handled([frameOf(), frameOf()], (packet, i) => {
    if (i > 0) return;
    packet.drop();
    packet.forward();
  });
  t.is(sent().records.length, 0);
  t.deepEqual(counts, { handled: 2, forwarded: 0, output: 0, dropped: 2, consumed: 0 });
});

test('a held packet gets its verdict later, and once', (t) => {
  const held: HeldPacket[] = [];
  const { counts, sent } = handled([frameOf(60, 8)], (packet) => held.push(packet.hold()));
  t.is(sent().records.length, 0);
  held[0]?.forward();
  held[0]?.output(2);
  t.deepEqual(
    sent().records.map(({ kind, worker, port, mark, frame }) => ({ kind, worker, port, mark, frame })),
    [{ kind: 0, worker: 3, port: 1, mark: 4, frame: frameOf(60, 8) }],
  );
  t.like(counts, { consumed: 1, forwarded: 1 });
});

test('a frame of an impossible length is refused, and its packet dropped', (t) => {
  const { counts } = handled([frameOf()], (packet) => {
    t.throws(() => packet.rewrite(frameOf(13)), { instanceOf: RangeError });
    t.throws(() => packet.rewrite(frameOf(maxFrameBytes + 1)), { instanceOf: RangeError });
  });
  t.is(counts.dropped, 1);
});

test('many packets are written in few pieces', (t) => {
  const pieces: number[] = [];
  const writer = new RecordWriter((bytes) => pieces.push(bytes.length));
  for (let i = 0; i < 10_000; i++) writer.add(0, 0, 1, 0, frameOf(), 0, 60);
  writer.flush();
  t.is(
    pieces.reduce((sum, size) => sum + size, 0),
    10_000 * 80,
  );
  t.true(pieces.length <= 4);
});
