import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { rewriteFault } from '../../../bench/measure/prove.js';
import { flowFrames, internetChecksum, minFrameBytes } from '../../../bench/support/frames.js';
import { decodePcap, encodePcap } from '../../../bench/support/pcap.js';

const rule = { ipv4Dst: '10.0.0.0/16', ethSrc: '02:00:00:00:00:12', ethDst: '02:00:00:00:00:11' };
const ruled = (frame: Buffer): Buffer => Buffer.concat([Buffer.from('020000000011020000000012', 'hex'), frame.subarray(12)]);

test('the checksum is that of RFC 1071, by its own example', (t) => {
  t.is(internetChecksum(Buffer.from('0001f203f4f5f6f7', 'hex')), ~0xddf2 & 0xffff);
});

test('frames are of minimal length, each with its own destination and a right header checksum', (t) => {
  const frames = flowFrames(300);
  t.true(frames.every((f) => f.length === minFrameBytes));
  t.is(new Set(frames.map((f) => f.readUInt32BE(30))).size, 300);
  t.is(frames[257]?.readUInt32BE(30), 0x0a000101);
  t.true(frames.every((f) => internetChecksum(f.subarray(14, 34)) === 0));
});

testProp(
  'a capture reads back as written, and without the frame that was cut off',
  [fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { minLength: 1, maxLength: 20 })],
  (t, arrays) => {
    const frames = arrays.map((a) => Buffer.from(a));
    const file = encodePcap(frames);
    t.deepEqual(decodePcap(file), frames);
    t.deepEqual(decodePcap(file.subarray(0, -1)), frames.slice(0, -1));
  },
);

test('what is no capture is refused, and an empty file has no frames yet', (t) => {
  t.throws(() => decodePcap(Buffer.alloc(24)), { message: /not a little-endian pcap/ });
  t.deepEqual(decodePcap(Buffer.alloc(0)), []);
});

test('the proof accepts the rule, begun anywhere and repeated', (t) => {
  const frames = flowFrames(5);
  const sent = [...frames.slice(3), ...frames, ...frames].map(ruled);
  t.is(rewriteFault(frames, sent, rule), undefined);
});

test('the proof names what is not as the rule says', (t) => {
  const frames = flowFrames(3);
  const good = frames.map(ruled);
  t.regex(rewriteFault(frames, good.slice(1), rule) ?? '', /1 of 3 different frames were not sent/);
  t.regex(rewriteFault(frames, [...good.slice(1), frames[0] ?? Buffer.alloc(0)], rule) ?? '', /frame 2 is not/);
  const broken = Buffer.from(good[1] ?? Buffer.alloc(0));
  broken.writeUInt8(63, 22); // the TTL, which the rule leaves alone
  t.regex(rewriteFault(frames, [broken, ...good], rule) ?? '', /frame 0 is not/);
});
