import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseOfctl } from '../../src/flow/syntax/ofctl.js';
import { parseFlow } from '../../src/flow/syntax/text.js';
import { formatIp, parseIp } from '../../src/model/address.js';
import type { Flow } from '../../src/model/flow.js';
import { conntrackOptions } from '../../src/switch/options.js';
import { Arena } from '../support/ct-cases/arena.js';
import { frameOf, numberOf, type Shape } from '../support/ct-cases/frames.js';
import { topology } from '../support/ct-cases/program.js';
import { parsePacket } from '../support/reference/parse.js';
import { trackedOf, turned, type Ends } from '../support/reference/tracked.js';
import { runChild } from './support/child.js';

const flowsOf = (...lines: readonly string[]): Flow[] => lines.map((line) => parseFlow(parseOfctl(line), topology, '', [])!);
const address = (text: string): bigint => parseIp(text)!.value;
const ends = (src: string, srcPort: number, dst: string, dstPort: number): Ends => ({
  src: address(src),
  dst: address(dst),
  srcPort,
  dstPort,
});
const endsText = (frame: Uint8Array): string => {
  const { src, dst, srcPort, dstPort } = trackedOf(frame, parsePacket(frame)).ends;
  return `${formatIp({ family: 4, value: src })}:${srcPort} > ${formatIp({ family: 4, value: dst })}:${dstPort}`;
};

const [syn, ack] = [2, 16];
const tcp = (of: Ends, flags: number): Shape => ({ family: 4, proto: 6, ends: of, flags });
const udp = (of: Ends): Shape => ({ family: 4, proto: 17, ends: of });
const there = ends('10.0.0.1', 1000, '10.9.0.1', 80);

const limits = conntrackOptions({}).limits;
// Of packets of nobody's: 8 connections, 4 of them half-open.
limits.set([8, 4, 0], 0);
const starting = Arena.start({ limits });

/** One after the other: what passes, by its place in the list. */
async function passing(shapes: readonly Shape[]): Promise<readonly number[]> {
  const arena = await starting;
  const passed: number[] = [];
  for (const [i, shape] of shapes.entries()) passed.push(...(await arena.send([frameOf(i, shape)])).map(numberOf));
  return passed;
}

test.after.always(async () => (await starting).close());

test.serial('who was let out is answered, and nobody else comes in', async (t) => {
  await (
    await starting
  ).begin(
    flowsOf(
      'table=0,priority=9,ip,actions=ct(zone=5,table=1)',
      'table=1,priority=9,ct_state=+est+trk,actions=output:p2',
      'table=1,priority=9,ct_state=+rel+trk,actions=output:p2',
      'table=1,priority=8,ct_state=+new+trk,ip,nw_src=10.0.0.0/24,actions=ct(commit,zone=5),output:p2',
    ),
  );
  const stranger = ends('10.9.0.2', 80, '10.0.0.1', 1000);
  t.deepEqual(
    await passing([
      tcp(turned(there), syn | ack),
      tcp(there, syn),
      tcp(turned(there), syn | ack),
      tcp(there, ack),
      tcp(stranger, syn),
      udp(stranger),
      udp(turned(stranger)),
      udp(stranger),
    ]),
    [1, 2, 3, 6, 7],
  );
});

test.serial('source addresses are translated, and answers back', async (t) => {
  const arena = await starting;
  await arena.begin(
    flowsOf(
      'table=0,priority=9,ip,actions=ct(zone=9,nat,table=1)',
      'table=1,priority=9,ct_state=+new+trk,actions=ct(commit,zone=9,nat(src=192.0.2.1:2000-2009)),output:p2',
      'table=1,priority=8,ct_state=+est+trk+dnat,actions=output:p2',
    ),
  );
  const [out] = await arena.send([frameOf(1, udp(there))]);
  t.regex(endsText(out!), /^192\.0\.2\.1:200\d > 10\.9\.0\.1:80$/);
  const { srcPort } = trackedOf(out!, parsePacket(out!)).ends;
  const [back] = await arena.send([frameOf(2, udp(ends('10.9.0.1', 80, '192.0.2.1', srcPort)))]);
  t.is(endsText(back!), '10.9.0.1:80 > 10.0.0.1:1000');
  const [connection] = (await arena.conntrack.list({}, 10, 0)).connections;
  t.like(connection, { zone: 9, proto: 17, state: 'bidirectional', original: { srcPort: 1000 }, reply: { dstPort: srcPort } });
});

test.serial('filters of list, count and flush', async (t) => {
  const arena = await starting;
  await arena.begin(
    flowsOf('ip,actions=ct(commit,zone=3,exec(set_field:7->ct_mark,set_field:0x10000000000000001->ct_label)),output:p2'),
  );
  await passing([udp(there), udp({ ...there, srcPort: 1001 }), tcp({ ...there, src: address('10.0.0.2') }, syn)]);
  const { conntrack } = arena;
  t.is(await conntrack.count({}), 3);
  t.is(await conntrack.count({ proto: 17 }), 2);
  t.is(await conntrack.count({ port: 1001 }), 1);
  t.is(await conntrack.count({ address: parseIp('10.0.0.2')! }), 1);
  t.is(await conntrack.count({ zone: 4 }), 0);
  const { connections } = await conntrack.list({ proto: 6 }, 10, 0);
  t.like(connections[0], { slot: 0, zone: 3, state: 'syn_sent', mark: 7, label: 0x10000000000000001n });
  const first = await conntrack.list({}, 2, 0);
  const rest = await conntrack.list({}, 2, first.cursor);
  t.is(first.connections.length + rest.connections.length, 3);
  t.is(await conntrack.flush({ proto: 17 }), 2);
  t.is(await conntrack.count({}), 1);
  t.is((await conntrack.usage()).capacity, 65_536);
  t.like((await conntrack.states())[0], { established: 0, syn_sent: 1, first: 0, mapping: 0 });
});

test.serial('limits: the oldest half-open one makes room, and what is answered stays', async (t) => {
  const arena = await starting;
  await arena.begin(flowsOf('ip,actions=ct(commit,zone=3),output:p2'));
  const before = arena.conntrack.counters()[0]!;
  await passing([udp(there), udp(turned(there))]);
  const flood = Array.from({ length: 20 }, (_, i) => udp(ends('10.0.0.66', 5000 + i, '10.9.0.1', 53)));
  t.is((await passing(flood)).length, 20);
  const after = arena.conntrack.counters()[0]!;
  t.is(after.evicted - before.evicted, 16n);
  t.is(after.half_open, 4n);
  t.is(await arena.conntrack.count({ address: parseIp('10.0.0.1')! }), 1);
});

test.serial('limits of a zone are those of that zone', async (t) => {
  const arena = await starting;
  await arena.conntrack.limitZone(0, 6, 2, 0);
  await arena.begin(
    flowsOf('priority=9,udp,tp_dst=6,actions=ct(commit,zone=6),output:p2', 'priority=8,ip,actions=ct(commit,zone=7),output:p2'),
  );
  const before = arena.conntrack.counters()[0]!;
  const to = (port: number, from: number): Shape => udp(ends('10.0.0.1', from, '10.9.0.1', port));
  t.deepEqual(await passing([to(6, 1), to(6, 2), to(6, 3), to(7, 4)]), [0, 1, 3]);
  t.is(arena.conntrack.counters()[0]!.zone_full - before.zone_full, 1n);
});

test.serial('a snapshot is restored here, and in another process', async (t) => {
  const arena = await starting;
  const flows = flowsOf('ip,actions=ct(commit,zone=3,nat(src=192.0.2.1)),output:p2');
  await arena.begin(flows);
  await passing([tcp(there, syn), tcp({ ...turned(there), dst: address('192.0.2.1') }, syn | ack), tcp(there, ack)]);
  const listed = await arena.conntrack.list({}, 10, 0);
  t.like(listed.connections[0], { state: 'established' });
  const snapshot = await arena.conntrack.snapshot();
  const directory = mkdtempSync(join(tmpdir(), 'ct-snapshot-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'connections');
  writeFileSync(file, snapshot);
  const { code, stdout, stderr } = await runChild(`
    import { readFileSync } from 'node:fs';
    const other = addon.createSwitch();
    await other.start(startOptions());
    const bytes = readFileSync(${JSON.stringify(file)});
    console.log(JSON.stringify(await other.ctRestore(bytes)));
    const { connections } = await other.ctList({ limit: 10, cursor: 0 });
    console.log(connections.map((one) => [one.state, [...one.src].join('.'), [...one.replyDst].join('.'), one.replyDstPort].join(' ')).join());
    bytes[bytes.length >> 1] ^= 1;
    console.log(await other.ctRestore(bytes).then(() => 'taken', (error) => error.code));
    await other.close();
  `);
  t.is(code, 0, stderr);
  const [counts, connections, damaged] = stdout.trim().split('\n');
  t.is(counts, '{"restored":1,"skipped":0}');
  t.is(connections, '4 10.0.0.1 192.0.2.1 1000');
  t.not(damaged, 'taken');
  t.is(await arena.conntrack.flush({}), 1);
  t.deepEqual(await arena.conntrack.restore(snapshot), { restored: 1, skipped: 0 });
  const { connections: again } = await arena.conntrack.list({}, 10, 0);
  t.deepEqual(
    again.map(({ timeoutMs: _, ...one }) => one),
    listed.connections.map(({ timeoutMs: _, ...one }) => one),
  );
  await t.throwsAsync(arena.conntrack.restore(snapshot.subarray(0, 20)), { code: 'REQUEST_INVALID' });
});
