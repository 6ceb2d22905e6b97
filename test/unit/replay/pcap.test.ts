import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { VswitchError } from '../../../src/model/errors.js';
import { pcapHeader, pcapRecord, readPcap, type Captured } from '../../../src/replay/pcap.js';

async function read(file: Uint8Array): Promise<Captured[]> {
  const directory = await mkdtemp(join(tmpdir(), 'pcap-'));
  try {
    await writeFile(join(directory, 'a.pcap'), file);
    const frames: Captured[] = [];
    for await (const frame of readPcap(join(directory, 'a.pcap'))) frames.push(frame);
    return frames;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A capture of one frame of two bytes, a second and 5 units after 1970. */
function capture({ magic = 0xa1b2c3d4, link = 1, big = false, length = 2 }): Buffer {
  const words = [magic, 0x0004_0002, 0, 0, 65535, link, 1, 5, length, 60];
  const file = Buffer.alloc(4 * words.length + 2, 0xab);
  words.forEach((word, i) => (big ? file.writeUInt32BE(word, 4 * i) : file.writeUInt32LE(word, 4 * i)));
  return file;
}

for (const big of [false, true])
  for (const [magic, timeNs] of [
    [0xa1b2c3d4, 1_000_005_000n],
    [0xa1b23c4d, 1_000_000_005n],
  ] as const)
    test(`${big ? 'big' : 'little'} endian, magic ${magic.toString(16)}`, async (t) => {
      t.deepEqual(await read(capture({ magic, big })), [{ timeNs, bytes: Buffer.from([0xab, 0xab]) }]);
    });

test('what is written is read again', async (t) => {
  const frames = [0, 1, 70_000].map((length, i) => ({ timeNs: BigInt(i) * 1_999_999_999n, bytes: Buffer.alloc(length, i) }));
  t.deepEqual(await read(Buffer.concat([pcapHeader(), ...frames.map(pcapRecord)])), frames);
  t.deepEqual(await read(pcapHeader()), []);
});

const faults: Record<string, [Buffer, RegExp]> = {
  'a text': [Buffer.from('this is no capture, only a text'), /is no capture/],
  'an empty file': [Buffer.alloc(0), /too short/],
  pcapng: [Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff', 'hex'), /pcapng/],
  'another link type': [capture({ link: 101 }), /link type 101/],
  'a frame that is cut short': [capture({ length: 3 }), /packet 1 is cut short/],
  'a header that is cut short': [capture({}).subarray(0, 33), /packet 1 is cut short/],
  'a length that cannot be': [capture({ length: 0x7fffffff }), /claims to have/],
};
for (const [what, [file, message]] of Object.entries(faults))
  test(`refused by name: ${what}`, async (t) => {
    const error = await t.throwsAsync(read(file), { instanceOf: VswitchError, message });
    t.is(error.code, 'REQUEST_INVALID');
  });

test('a file that is missing', async (t) => {
  const error = await t.throwsAsync(readPcap('/nowhere/a.pcap').next(), { instanceOf: VswitchError });
  t.is(error.code, 'CONFIG_UNREADABLE');
});
