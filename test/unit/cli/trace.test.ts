import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { TraceView } from '../../../src/api/schemas/trace.js';
import type { Wire } from '../../../src/api/schemas/usage.js';
import { traceCommand } from '../../../src/cli/commands/trace.js';
import type { Io } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { VswitchError } from '../../../src/model/errors.js';
import { pcapHeader, pcapRecord } from '../../../src/replay/pcap.js';
import type { NativeProbeResult } from '../../../src/switch/native.js';
import type { ProbePacket } from '../../../src/switch/types.js';
import { ReferenceDataPlane } from '../../support/reference/data-plane.js';
import { runningSwitch } from '../../support/running-switch.js';

const captured = () => {
  const lines: string[] = [];
  const io: Io = {
    out: (text) => lines.push(text),
    err: (text) => lines.push(text),
    env: {},
    readStdin: async () => '',
    terminal: { interactive: false, columns: 200, rows: 50 },
  };
  return { io, text: () => lines.join('\n') };
};

async function file(t: ExecutionContext, content: string | Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'trace-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const path = join(directory, 'a');
  await writeFile(path, content);
  return path;
}

const capture = (...packets: string[]): Uint8Array =>
  Buffer.concat([pcapHeader(), ...packets.map((hex) => pcapRecord({ timeNs: 0n, bytes: Buffer.from(hex, 'hex') }))]);

/** Asks a switch that answers every probe with a drop. */
async function asking(t: ExecutionContext) {
  const { socket, native } = await runningSwitch(t);
  const asked: ProbePacket[] = [];
  native.prober = (packet): NativeProbeResult => {
    asked.push(packet);
    return { slot: 0, out: [], steps: [], punted: [], drops: [4], cycles: new BigUint64Array(6).fill(2n) };
  };
  const cli = async (...args: string[]) => {
    const { io, text } = captured();
    const code = await main(['--socket', socket, 'trace', ...args], io);
    return { code, text: text() };
  };
  return { cli, asked: () => asked.map(({ inPort, bytes }) => [inPort, Buffer.from(bytes).toString('hex')]) };
}

test('the switch that runs is asked: with fields, or with bytes as hex dumps have them', async (t) => {
  const { cli, asked } = await asking(t);
  const { code, text } = await cli('in_port=up,dl_dst=02:00:00:00:00:01,udp,nw_dst=10.1.0.11,tp_dst=53');
  t.is(code, 0, text);
  const [first = '', second = '', ...rest] = text.split('\n');
  t.true(first.startsWith('Packet: in_port=up,dl_dst=02:00:00:00:00:01,dl_src=00:00:00:00:00:00,udp,'), first);
  t.is(second.trim(), '60 bytes, of no tenant');
  t.deepEqual(rest, [
    '',
    'Drop:   runt_frame: shorter than an Ethernet header',
    'Cycles: rx 2, parse 2, steer 2, match 2, act 2, tx 2; 12 in all',
  ]);
  t.is((await cli('--in', '2', '--hex', '0200 00:01\n02')).code, 0);
  t.deepEqual(asked()[1], [2, '0200000102']);
  await cli('--fields', first.replace('Packet: ', ''));
  t.deepEqual(asked()[2], asked()[0]);
});

test('--json prints the answer of the API, a line for each packet', async (t) => {
  const { cli } = await asking(t);
  const path = await file(t, capture('00', '0101'));
  const { code, text } = await cli('--in', 'up', '--pcap', path, '--json');
  t.is(code, 0, text);
  t.deepEqual(
    text.split('\n').map((line) => (JSON.parse(line) as Wire<TraceView>).packet),
    ['00', '0101'],
  );
});

test('a capture’s packets, all of them or one', async (t) => {
  const { cli, asked } = await asking(t);
  const path = await file(t, capture('00', '0101', '020202'));
  const all = await cli('--in', 'up', '--pcap', path);
  t.is(all.code, 0, all.text);
  t.deepEqual(asked(), [
    [1, '00'],
    [1, '0101'],
    [1, '020202'],
  ]);
  t.deepEqual(
    all.text.split('\n').filter((line) => line.startsWith(path)),
    [1, 2, 3].map((number) => `${path}, packet ${number}`),
  );
  const one = await cli('--in', 'up', '--pcap', path, '--number', '2');
  t.true(one.text.startsWith(`${path}, packet 2\nPacket: in_port=up\n        2 bytes`), one.text);
  t.is(asked().length, 4);
  const none = await cli('--in', 'up', '--pcap', path, '--number', '4');
  t.is(none.code, 64);
  t.regex(none.text, /has 3 packets/);
});

const wrong: Record<string, [string[], RegExp]> = {
  'no packet': [[], /no packet/],
  'two packets': [['ip', '--hex', '00', '--in', 'up'], /more than one/],
  'fields twice': [['ip', '--fields', 'ip'], /twice/],
  'bytes without a port': [['--hex', '00'], /--in PORT/],
  'fields beside a port': [['ip', '--in', 'up'], /in_port=up/],
  'a number without a capture': [['ip', '--number', '1'], /--pcap/],
  'a number that is none': [['--in', 'up', '--pcap', 'x', '--number', '0'], /--number 1/],
  'what the switch refuses': [['in_port=up,tcq'], /\/fields: column 12: "tcq"/],
};
for (const [what, [args, message]] of Object.entries(wrong))
  test(`exit code 64: ${what}`, async (t) => {
    const { cli, asked } = await asking(t);
    const { code, text } = await cli(...args);
    t.is(code, 64, text);
    t.regex(text, message);
    t.deepEqual(asked(), []);
  });

const flows = [
  { priority: 9, match: { eth_type: 2048, ip_ttl: 3 }, actions: [] },
  { priority: 7, match: { eth_type: 2048 }, actions: [{ type: 'dec_ttl' }, { type: 'goto_table', table: 2 }] },
  { priority: 1, match: {}, actions: [] },
  { table: 2, match: { eth_type: 2048, ipv4_dst: '10.0.0.1' }, actions: [{ type: 'output', port: 'p2' }] },
];

/** Without a switch that runs. */
async function alone(t: ExecutionContext, ...args: string[]): Promise<string> {
  const { io, text } = captured();
  const path = await file(t, JSON.stringify(flows));
  const command = traceCommand(io, async () => new ReferenceDataPlane());
  await command.parseAsync([...args, '--flows', path], { from: 'user' });
  return text();
}

test('with --flows no switch needs to run; the steps are told in their order', async (t) => {
  const lines = (await alone(t, 'in_port=p1,ip,nw_dst=10.0.0.1')).split('\n');
  t.deepEqual(lines.slice(2, 13), [
    '',
    ' 0. flow 2 (replay): priority=7,ip',
    '      dec_ttl',
    '      goto_table:2',
    '    changed ip_ttl 64 -> 63',
    '    not flow 1 (replay), as ip_ttl is 64, not 3: priority=9,ip,nw_ttl=3',
    '    not flow 3 (replay), which matches too, but is weaker: priority=1',
    ' 2. flow 4 (replay): priority=32768,ip,nw_dst=10.0.0.1',
    '      output:p2',
    '',
    'Output: p2, 60 bytes',
  ]);
  t.is(lines[13], '        ip_ttl 64 -> 63');
  t.regex(lines[14]!, /^ {8}[0-9a-f]{120}$/);
  t.is(lines[15], 'Cycles: rx 0, parse 0, steer 0, match 0, act 0, tx 0; 0 in all');
});

test('a miss and a drop are told with their reasons', async (t) => {
  const missed = (await alone(t, 'in_port=p1,ip,nw_dst=10.0.0.2')).split('\n');
  t.deepEqual(missed.slice(-5, -1), [
    ' 2. no flow matches',
    '    not flow 4 (replay), as ipv4_dst is 10.0.0.2, not 10.0.0.1: priority=32768,ip,nw_dst=10.0.0.1',
    '',
    "Drop:   table_miss: no rule of the packet's table matched it",
  ]);
  const dropped = (await alone(t, 'in_port=p1,arp')).split('\n');
  t.is(dropped.at(-2), 'Drop:   rule_drop: a rule with action drop, or with no output at all');
});

test('with --flows and --ports, bytes come in at these ports', async (t) => {
  const error = await t.throwsAsync(alone(t, '--ports', 'west,p2', '--in', 'p1', '--hex', '00'), { instanceOf: VswitchError });
  t.deepEqual(
    error.faults.map(({ pointer, remedy }) => [pointer, remedy]),
    [['/in_port', 'the switch has west, p2']],
  );
  t.regex(await alone(t, '--ports', 'west,p2', '--in', 'west', '--hex', '00'), /^Packet: in_port=west\n/);
});
