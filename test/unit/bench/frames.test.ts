import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { flowFrames, internetChecksum, ipv4Frame, minFrameBytes } from '../../../bench/support/frames.js';
import { decodePcap, encodePcap } from '../../../bench/support/pcap.js';

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

test('a frame has its ports, and the length that was asked for in its headers', (t) => {
  const frame = ipv4Frame({ src: 1, dst: 2, srcPort: 3, dstPort: 4, bytes: 590 });
  t.is(frame.length, 590);
  t.is(frame.readUInt16BE(16), 576);
  t.deepEqual([frame.readUInt16BE(34), frame.readUInt16BE(36), frame.readUInt16BE(38)], [3, 4, 556]);
  t.is(ipv4Frame({ src: 1, dst: 2, proto: 6 }).readUInt8(46), 0x50);
  t.is(ipv4Frame({ src: 1, dst: 2, proto: 1, srcPort: 3 }).readUInt16BE(34), 0);
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
