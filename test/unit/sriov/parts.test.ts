import test from 'ava';
import { mirrorOf, Unavailable } from '../../sriov/support/apt.js';
import { bearsMark, formatFrame, marked, markedUdp, outerVlan, parseFrame, tagged, untagged } from '../../sriov/support/frame.js';
import { inLoadOrder, needsOf } from '../../sriov/support/kernel-modules.js';
import { internetChecksum } from '../../../src/replay/checksums.js';

test("the mirror is the one that the system takes the release's packages from", (t) => {
  const targets = [
    'stable Packages http://other.example/debian/',
    'bookworm Translations http://wrong.example/debian/',
    'bookworm-updates Packages http://updates.example/debian/',
    'bookworm Packages http://mirror.example/debian/',
  ].join('\n');
  t.is(mirrorOf(targets, 'bookworm'), 'http://mirror.example/debian/');
  t.throws(() => mirrorOf(targets, 'trixie'), { instanceOf: Unavailable, message: /Debian trixie/ });
});

const module = (depends: string): Buffer => Buffer.from(`\x7fELF...\0license=GPL\0depends=${depends}\0retpoline=Y\0`);

test('a kernel module says what it needs', (t) => {
  t.deepEqual(needsOf(module('dca,i2c-algo-bit')), ['dca', 'i2c-algo-bit']);
  t.deepEqual(needsOf(module('')), []);
  t.deepEqual(needsOf(Buffer.from('not a module')), []);
});

test('modules come after what they need, each once; their names may have hyphens', async (t) => {
  const modules = new Map([
    ['k/vfio-pci.ko', module('vfio-pci-core,vfio')],
    ['k/vfio-pci-core.ko', module('vfio')],
    ['k/vfio.ko', module('')],
    ['k/unused.ko', module('')],
  ]);
  const read = (path: string): Promise<Buffer> => Promise.resolve(modules.get(path)!);
  t.deepEqual(await inLoadOrder(['vfio_pci'], [...modules.keys()], read), ['k/vfio.ko', 'k/vfio-pci-core.ko', 'k/vfio-pci.ko']);
  await t.throwsAsync(inLoadOrder(['igb'], [...modules.keys()], read), { message: /no module igb/ });
});

test('frames are read as they were written, with all their tags', (t) => {
  const frame = marked('02:00:00:00:00:01', '02:00:00:00:00:02', 'one;', [100, 101]);
  const bytes = formatFrame(frame);
  t.is(bytes.length, 60);
  t.like(parseFrame(bytes), { dst: frame.dst, src: frame.src, vlans: [100, 101], etherType: 0x88b5 });
  t.true(bearsMark(parseFrame(bytes), 'one;'));
  t.false(bearsMark(parseFrame(bytes), 'two;'));
  t.is(outerVlan(bytes), 100);
  t.deepEqual(parseFrame(untagged(bytes)).vlans, [101]);
  t.deepEqual(tagged(untagged(bytes), 100), bytes);
  t.is(outerVlan(untagged(untagged(bytes))), undefined);
});

test('a marked datagram has a right header', (t) => {
  const { etherType, payload } = markedUdp(
    { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' },
    '10.1.0.11',
    '192.0.2.2',
    'x;',
  );
  t.is(etherType, 0x0800);
  t.is(internetChecksum(payload.subarray(0, 20)), 0);
  t.is(payload.readUInt16BE(2), payload.length);
  t.deepEqual([...payload.subarray(12, 20)], [10, 1, 0, 11, 192, 0, 2, 2]);
});
