import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import test from 'ava';
import { main } from '../../../src/cli/main.js';
import { replayCommand } from '../../../src/cli/commands/replay.js';
import type { Io } from '../../../src/cli/io.js';
import { VswitchError } from '../../../src/model/errors.js';
import { pcapHeader, pcapRecord, readPcap, type Captured } from '../../../src/replay/pcap.js';
import { frameOf } from '../../conformance/frames.js';
import { ReferenceDataPlane } from '../../support/reference/data-plane.js';

const web = { table: 0, priority: 100, match: { in_port: 'p1', eth_type: 2048, ipv4_dst: '10.0.0.0/24' }, cookie: 7 };
const flows = [{ ...web, actions: [{ type: 'dec_ttl' }, { type: 'output', port: 'p2' }] }];
const frame = frameOf({ family: 4, src: 0x0a000101n, dst: 0x0a000002n, proto: 17 });
const expired = frameOf({ family: 4, src: 0x0a000101n, dst: 0x0a000002n, proto: 17, ttl: 1 });
const other = frameOf({ family: 4, src: 0x0a000101n, dst: 0x0b000002n, proto: 17 });

const io: Io = {
  out: () => undefined,
  err: () => undefined,
  env: {},
  readStdin: async () => '',
  terminal: { interactive: false, columns: 80, rows: 24 },
};

/** Runs the command in a directory of its own, with `files` in it. */
async function run(files: Record<string, string | Uint8Array>, args: (at: (name: string) => string) => string[], stdin = '') {
  const directory = await mkdtemp(join(tmpdir(), 'replay-'));
  const at = (name: string): string => join(directory, name);
  for (const [name, content] of Object.entries(files)) await writeFile(at(name), content);
  const chunks: string[] = [];
  const stdout = new Writable({
    write: (chunk, _, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  const start = async () => new ReferenceDataPlane();
  const world = { stdin: Readable.from([Buffer.from(stdin)]), stdout, start };
  const written = new Map<string, Buffer>();
  try {
    await replayCommand(io, world).parseAsync(args(at), { from: 'user' });
    for (const name of ['out/p1.pcap', 'out/p2.pcap', 'out/summary.json'])
      await readFile(at(name)).then(
        (content) => written.set(name, content),
        () => undefined,
      );
    const frames: Captured[] = [];
    if (written.has('out/p2.pcap')) for await (const one of readPcap(at('out/p2.pcap'))) frames.push(one);
    return {
      lines: chunks
        .join('')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
      written,
      frames,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const line = (packet: string, port: string | number = 'p1'): string => JSON.stringify({ in_port: port, packet }) + '\n';
const decremented = frame.slice(0, 44) + '3f11' + frame.slice(48);

test('replay: a line for each packet, with what went out, by which flows, or why nothing did', async (t) => {
  const input = line(frame) + '\n' + line(expired, 1) + line(other);
  const { lines } = await run({ 'flows.json': JSON.stringify({ flows }) }, (at) => ['--flows', at('flows.json')], input);
  const [first, ...rest] = lines as [{ out: { port: string; packet: string }[]; rules: unknown; drop: unknown }];
  t.is(first.out[0]!.port, 'p2');
  t.is(first.out[0]!.packet.slice(44, 48), decremented.slice(44, 48));
  t.deepEqual([first.rules, first.drop], [[{ table: 0, priority: 100, cookie: 7 }], null]);
  t.deepEqual(rest, [
    { out: [], rules: [{ table: 0, priority: 100, cookie: 7 }], drop: 'ttl_expired' },
    { out: [], rules: [], drop: 'table_miss' },
  ]);
});

test('replay: flows as ovs-ofctl lines, ports by other names', async (t) => {
  const { lines } = await run({ flows: 'in_port=west,actions=output:east\n', packets: line(frame, 'west') }, (at) => [
    '--flows',
    at('flows'),
    '--ports',
    'west,east',
    at('packets'),
  ]);
  t.deepEqual(lines, [{ out: [{ port: 'east', packet: frame }], rules: [{ table: 0, priority: 32768, cookie: 0 }], drop: null }]);
});

test('replay: captures are merged by time, and written by port with a summary', async (t) => {
  const record = (timeNs: bigint, packet: string) => pcapRecord({ timeNs, bytes: Buffer.from(packet, 'hex') });
  const both = [
    { match: {}, actions: [{ type: 'output', port: 'p2' }] },
    { priority: 40000, match: { in_port: 'p3', eth_type: 2048, ip_ttl: 1 }, actions: [] },
  ];
  const { written, frames } = await run(
    {
      'flows.json': JSON.stringify(both),
      'a.pcap': Buffer.concat([pcapHeader(), record(1n, frame), record(5_000_000_003n, other)]),
      'b.pcap': Buffer.concat([pcapHeader(), record(2n, other), record(3n, expired)]),
    },
    (at) => ['--flows', at('flows.json'), '--in', `p1=${at('a.pcap')}`, '--in', `p3=${at('b.pcap')}`, '--out', at('out')],
  );
  t.deepEqual(
    frames.map(({ timeNs, bytes }) => [timeNs, Buffer.from(bytes).toString('hex')]),
    [
      [1n, frame],
      [2n, other],
      [5_000_000_003n, other],
    ],
  );
  t.deepEqual(written.get('out/p1.pcap'), pcapHeader());
  const summary = JSON.parse(written.get('out/summary.json')!.toString()) as Record<string, unknown>;
  t.is(summary['packets'], 4);
  t.deepEqual(summary['drops'], { rule_drop: 1 });
  t.deepEqual(summary['ports'], { p1: { in: 2, out: 0 }, p2: { in: 0, out: 3 }, p3: { in: 2, out: 0 }, p4: { in: 0, out: 0 } });
  t.deepEqual(
    (summary['flows'] as { packets: number }[]).map(({ packets }) => packets),
    [3, 1],
  );
});

const bad: Record<string, [string, RegExp]> = {
  'no JSON': ['{"in_port":"p1"', /line 2 is not JSON/],
  'an unknown port': [line(frame, 'p9'), /line 2 names no port/],
  'half a byte': [line('abc'), /line 2 has no hex/],
};
for (const [what, [text, message]] of Object.entries(bad))
  test(`replay: ${what} is named by its line`, async (t) => {
    const files = { 'flows.json': JSON.stringify(flows) };
    const error = await t.throwsAsync(
      run(files, (at) => ['--flows', at('flows.json')], line(frame) + text),
      {
        instanceOf: VswitchError,
        message,
      },
    );
    t.is(error.code, 'REQUEST_INVALID');
  });

test('replay: faults of flows have pointers, in their shape and in their meaning', async (t) => {
  for (const [flow, pointer] of [
    [{ actions: [{ type: 'outputs' }] }, /^\/flows\/0\/actions\/0/],
    [{ actions: [{ type: 'output', port: 'p9' }] }, /^\/flows\/0\/actions\/0\/port/],
  ] as const) {
    const error = await t.throwsAsync(
      run({ f: JSON.stringify([flow]) }, (at) => ['--flows', at('f')]),
      { instanceOf: VswitchError },
    );
    t.regex(error.faults[0]!.pointer, pointer);
  }
});

test('replay: who stops reading ends it without an error', async (t) => {
  const closed = Object.assign(new Error('closed'), { code: 'EPIPE' });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(closed) });
  const directory = await mkdtemp(join(tmpdir(), 'replay-'));
  await writeFile(join(directory, 'f'), JSON.stringify(flows));
  const world = {
    stdin: Readable.from([Buffer.from(line(frame).repeat(1000))]),
    stdout,
    start: async () => new ReferenceDataPlane(),
  };
  await t.notThrowsAsync(replayCommand(io, world).parseAsync(['--flows', join(directory, 'f')], { from: 'user' }));
  await rm(directory, { recursive: true });
});

test('replay: without flows the command line is wrong', async (t) => {
  t.is(await main(['replay'], io), 64);
});
