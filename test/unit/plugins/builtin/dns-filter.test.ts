import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { readQuery } from '../../../../src/plugins/builtin/dns-filter/message.js';
import { plugin } from '../../../../src/plugins/builtin/dns-filter/plugin.js';
import { fieldsIn, frame, PluginBench } from '../../../../src/plugins/testing/index.js';
import { internetChecksum } from '../../../../src/replay/checksums.js';

const [a, aaaa, mx, any] = [1, 28, 15, 255];
const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from(String.fromCharCode(label.length) + label, 'latin1')),
    Buffer.alloc(1),
  ]);
const asked = (name: string, type = a): Buffer =>
  Buffer.concat([Buffer.from('123401000001000000000000', 'hex'), nameBytes(name), Buffer.from([0, type, 0, 1])]);

/** A datagram of vm1 to port 53. */
function query(data: Uint8Array, family: 4 | 6 = 4): Buffer {
  const ethernet = { eth_src: '02:00:00:00:01:11', eth_dst: '02:00:00:00:01:01', ip_proto: 17, udp_src: 4000, udp_dst: 53 };
  const ends =
    family === 4 ? { ipv4_src: '10.1.0.11', ipv4_dst: '192.0.2.53' } : { ipv6_src: 'fd00:1::11', ipv6_dst: '2001:db8::53' };
  const head = Buffer.from(frame({ ...ethernet, ...ends, eth_type: family === 4 ? 0x0800 : 0x86dd })).subarray(
    0,
    family === 4 ? 42 : 62,
  );
  const bytes = Buffer.concat([head, data]);
  bytes.writeUInt16BE(8 + data.length, head.length - 4);
  if (family === 4) bytes.writeUInt16BE(28 + data.length, 16);
  else bytes.writeUInt16BE(8 + data.length, 18);
  return bytes;
}

const options = { names: { 'Printer.office': ['10.9.0.1', 'fd00:9::1'] }, blocked: ['ads.example', 'tracker.test.'] };
const started = (more: object = {}) => PluginBench.start(plugin, { options: { ...options, ...more } });

/** The answer's code and addresses, where the plugin answered; else what became of the query. */
function reply(bench: PluginBench, sent: Uint8Array, port = 'r1') {
  const [first] = bench.send(sent, { port }).sent;
  if (first?.kind !== 'output') return first?.kind ?? 'dropped';
  const isIpv4 = first.frame[12] === 8;
  const dns = Buffer.from(first.frame).subarray(isIpv4 ? 42 : 62);
  let at = 12;
  while (dns[at] !== 0) at += 1 + (dns[at] ?? 0);
  at += 5;
  const addresses: string[] = [];
  for (let left = dns.readUInt16BE(6); left > 0; left--) {
    const length = dns.readUInt16BE(at + 10);
    addresses.push(dns.subarray(at + 12, at + 12 + length).toString('hex'));
    at += 12 + length;
  }
  return { code: dns.readUInt16BE(2) & 15, addresses, port: first.port };
}

test('names of VMs and of the options are answered', async (t) => {
  const bench = await started();
  for (const [name, type, addresses] of [
    ['vm2.internal', a, ['0a01000c']],
    ['VM2.Internal', aaaa, ['fd000001000000000000000000000012']],
    ['vm2.internal', mx, []],
    ['printer.office', any, ['0a090001', 'fd000009000000000000000000000001']],
  ] as const)
    t.deepEqual(reply(bench, query(asked(name, type))), { code: 0, addresses, port: 'r1' }, name);
  t.deepEqual(reply(bench, query(asked('vm2.internal'), 6)), { code: 0, addresses: ['0a01000c'], port: 'r1' });
  t.deepEqual(bench.metrics, { answered: 5, refused: 0, forwarded: 0, malformed: 0 });
});

test('blocked names, with what is below them, and unknown ones of the own domain do not exist', async (t) => {
  const bench = await started();
  for (const name of ['ads.example', 'a.b.ads.example', 'x.tracker.test', 'nobody.internal'])
    t.deepEqual(reply(bench, query(asked(name))), { code: 3, addresses: [], port: 'r1' }, name);
  t.like(bench.metrics, { refused: 3, answered: 1 });
});

test('all else goes on', async (t) => {
  const bench = await started();
  const notify = asked('ads.example');
  notify[2] = 0x20;
  const response = asked('ads.example');
  response[2] = 0x80;
  for (const data of [asked('www.example'), asked('notads.example'), asked('x.ads\\.example'), notify, response])
    t.is(reply(bench, query(data)), 'resume');
  t.is(bench.send(query(asked('ads.example')), { port: 'up' }).actions, undefined);
  t.is(reply(bench, query(asked('ads.example')), 'r2'), 'resume', 'not by its own port: no answer to who is not who it says');
});

test('an answer has right headers and checksums', async (t) => {
  const bench = await started();
  for (const family of [4, 6] as const) {
    const bytes = Buffer.from(bench.send(query(asked('vm2.internal'), family), { port: 'r1' }).sent[0]?.frame ?? []);
    t.like(fieldsIn(bytes), {
      eth_src: '02:00:00:00:01:01',
      eth_dst: '02:00:00:00:01:11',
      udp_src: 53,
      udp_dst: 4000,
      ...(family === 4
        ? { ipv4_src: '192.0.2.53', ipv4_dst: '10.1.0.11' }
        : { ipv6_src: '2001:db8::53', ipv6_dst: 'fd00:1::11' }),
    });
    const at = family === 4 ? 34 : 54;
    const datagram = bytes.subarray(at, at + bytes.readUInt16BE(at + 4));
    const ends = family === 4 ? bytes.subarray(26, 34) : bytes.subarray(22, 54);
    const pseudo = Buffer.concat([ends, Buffer.from([0, 0, 0, datagram.length, 0, 0, 0, 17])]);
    t.is(internetChecksum(Buffer.concat([pseudo, datagram])), 0);
    if (family === 4) t.is(internetChecksum(bytes.subarray(14, 34)), 0);
    t.is(datagram.readUInt16BE(8), 0x1234);
    t.is(datagram.readUInt16BE(10), 0x8580);
  }
});

test('what cannot be read is dropped, or goes on', async (t) => {
  const pointer = Buffer.concat([asked('x').subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  const long = asked(Array.from({ length: 9 }, () => 'a'.repeat(31)).join('.'));
  const two = asked('x');
  two[5] = 2;
  const cut = asked('vm2.internal').subarray(0, 20);
  const fragment = query(asked('vm2.internal'));
  fragment[20] = 0x20;
  const lying = query(asked('vm2.internal'));
  lying.writeUInt16BE(2000, 38);
  const [dropping, forwarding] = [await started(), await started({ malformed: 'forward' })];
  for (const bytes of [...[pointer, long, two, cut, Buffer.alloc(0)].map((data) => query(data)), fragment, lying]) {
    t.is(reply(dropping, bytes), 'dropped');
    t.is(reply(forwarding, bytes), 'resume');
  }
  t.like(dropping.metrics, { malformed: 7 });
});

test('more addresses than have room are said to be more', async (t) => {
  const many = Array.from({ length: 32 }, (_, i) => `fd00:9::${i + 1}`);
  const bench = await started({ names: { 'many.office': many } });
  const bytes = Buffer.from(bench.send(query(asked('many.office', aaaa)), { port: 'r1' }).sent[0]?.frame ?? []);
  t.is(bytes.readUInt16BE(44) & 0x0200, 0x0200);
  t.true(bytes.length <= 42 + 512);
  t.is(bytes.readUInt16BE(48), Math.floor((512 - 12 - 17) / 28));
});

test('queries over TCP go on, or are dropped', async (t) => {
  const tcp = frame({ eth_type: 0x0800, ip_proto: 6, tcp_dst: 53 });
  t.is((await started()).send(tcp, { port: 'r1' }).actions, undefined);
  t.deepEqual((await started({ overTcp: 'drop' })).send(tcp, { port: 'r1' }).actions, [
    { type: 'drop', reason: 'policy_refused' },
  ]);
});

testProp('no bytes of a query are too much for it', [fc.uint8Array({ maxLength: 300 }), fc.boolean()], (t, bytes, hasHeader) => {
  const data = hasHeader ? Buffer.concat([asked('x').subarray(0, 12), bytes]) : bytes;
  const read = readQuery(data);
  const isOther = data.length >= 12 && (Buffer.from(data).readUInt16BE(2) & 0xf800) !== 0;
  t.is(read === 'other', isOther);
  if (typeof read === 'string') return;
  t.true(read.question.length <= 255 + 4);
  t.deepEqual(Buffer.from(read.question), Buffer.from(data.subarray(12, 12 + read.question.length)));
});
