import test, { type ExecutionContext } from 'ava';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DropReason } from '../../src/model/drop.js';
import { portNumber } from '../../src/model/ids.js';
import type { FieldMatch } from '../../src/model/match.js';
import { maxFrameBytes, output, punted, resume } from '../../src/plugins/wire/record.js';
import { loadAddon } from '../../src/switch/binding.js';
import { Switch } from '../../src/switch/switch.js';
import type { PuntChannel, PuntOptions, Rule } from '../../src/switch/types.js';
import { applyOne } from '../support/apply-each.js';
import { frameOf, recordOf, recordsIn } from '../support/punted.js';
import { smallSwitch } from '../support/small-switch.js';
import { transaction } from '../support/transaction.js';

const handler = 0x105;
const slot = 1;
const mark = (value: bigint): FieldMatch => ({ value: value << 32n, mask: 0xffff_ffffn << 32n });
/** What plugins have not marked goes to them, what they have goes out of port 2. Slot 2 has its packets go out of port 4. */
const rules: readonly Rule[] = [
  { id: 0, slot, table: 0, rank: 2, match: new Map([['metadata', mark(0n)]]), actions: [{ type: 'punt', handler }] },
  { id: 1, slot, table: 0, rank: 1, match: new Map(), actions: [{ type: 'output', port: portNumber(2) }] },
  { id: 2, slot: 2, table: 0, rank: 1, match: new Map(), actions: [{ type: 'output', port: portNumber(4) }] },
];
const options: PuntOptions = { queueBytes: 65536, packetsPerSecond: 0 };

let dataPlane: Switch;

test.before(async () => {
  dataPlane = await Switch.start(loadAddon(), smallSwitch('punt-test'));
  // Ports 1 and 3 always have packets, of 64 zeros.
  for (const number of [1, 2, 3, 4]) {
    const owner = number <= 2 ? 1 : 2;
    const role = { kind: 'gw', tenant: `tenant${owner}` as never } as const;
    const receive = number % 2 === 1;
    await dataPlane.openPort(portNumber(number), `p${number}` as never, role, owner, { type: 'null', receive });
  }
  await applyOne(dataPlane, transaction({ add: rules }));
});

test.after.always(() => dataPlane.close());

async function opened(t: ExecutionContext, more: Partial<PuntOptions> = {}): Promise<{ channel: PuntChannel; socket: Socket }> {
  const channel = await dataPlane.openPunt(slot, { ...options, ...more });
  const socket = new Socket({ fd: channel.fd });
  socket.on('error', () => undefined); // a malformed record resets it
  t.teardown(async () => {
    socket.destroy();
    await channel.close();
  });
  return { channel, socket };
}

const drops = (reason: DropReason, of = slot): bigint => dataPlane.snapshot().tenants[of]?.drops[reason] ?? 0n;
const sent = (port: number): bigint => dataPlane.snapshot().ports[port]?.txPackets ?? 0n;

async function becomes(condition: () => boolean): Promise<boolean> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}

test.serial('where nobody listens, punted packets are dropped by name', async (t) => {
  t.true(await becomes(() => drops('no_plugin') > 0n));
});

test.serial('punted packets come out of the socket, thousands of them, whole', async (t) => {
  const { channel, socket } = await opened(t);
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    const { records, rest: left } = recordsIn(bytes);
    for (const { frame, ...head } of records)
      if (
        !frame.every((byte) => byte === 0) ||
        head.kind !== punted ||
        head.port !== 1 ||
        head.handler !== handler ||
        head.mark !== 0
      )
        t.fail(JSON.stringify(head));
    rest = bytes.subarray(bytes.length - left);
    count += records.length;
    if (count > 20_000) break;
  }
  const counters = channel.counters();
  t.true(counters.punted >= BigInt(count));
  t.is(counters.puntedBytes, counters.punted * 64n);
});

test.serial('what is given back with a mark goes on, and out of the port that the rules say', async (t) => {
  const { channel, socket } = await opened(t);
  socket.resume();
  const [before, out] = [channel.counters(), sent(2)];
  for (let i = 0; i < 1000; i++) socket.write(recordOf({ frame: frameOf(100), kind: resume, port: 1, mark: 1 }));
  t.true(await becomes(() => channel.counters().resumed === before.resumed + 1000n));
  t.true(await becomes(() => sent(2) === out + 1000n));
});

test.serial('plugins send out of their own ports; out of those of others it is refused', async (t) => {
  const { channel, socket } = await opened(t);
  socket.resume();
  const [before, refused, out] = [channel.counters(), drops('policy_refused'), sent(2)];
  socket.write(recordOf({ frame: frameOf(), kind: output, port: 2 }));
  socket.write(recordOf({ frame: frameOf(), kind: output, port: 4 }));
  socket.write(recordOf({ frame: frameOf(), kind: output, port: 2 }));
  t.true(await becomes(() => channel.counters().output === before.output + 2n));
  t.true(await becomes(() => sent(2) === out + 2n));
  t.true(await becomes(() => channel.counters().refused === before.refused + 1n));
  t.is(drops('policy_refused'), refused + 1n);
});

test.serial('plugins that do not read hold up nobody', async (t) => {
  await opened(t);
  const full = drops('punt_queue_full');
  t.true(await becomes(() => drops('punt_queue_full') > full));
  const before = dataPlane.snapshot();
  await sleep(300);
  const after = dataPlane.snapshot();
  const count = (which: number): number =>
    Number((after.tenants[which]?.rxPackets ?? 0n) - (before.tenants[which]?.rxPackets ?? 0n));
  t.log(`packets in 300 ms: ${count(1)} of who punts, ${count(2)} of the other`);
  // A worker shared by cycles polls both: the other's part does not fall below a third of what comes in.
  t.true(count(2) > count(1) / 2);
  t.is(drops('punt_queue_full', 2), 0n);
});

test.serial('no more packets are punted than may be', async (t) => {
  const { channel, socket } = await opened(t, { packetsPerSecond: 1000 });
  socket.resume();
  const before = channel.counters().punted;
  const start = performance.now();
  await sleep(500);
  const allowed = (performance.now() - start) * 1.2 + 100 + 50; // a second's rate, and a tenth at once
  const count = Number(channel.counters().punted - before);
  t.true(count > 300 && count < allowed, `${count} punted`);
  t.true(drops('punt_rate_exceeded') > 0n);
});

for (const [what, bad] of [
  ['too long a frame', recordOf({ frame: frameOf(maxFrameBytes + 1) })],
  ['a worker that there is not', recordOf({ frame: frameOf(), worker: 1 })],
  ['what it cannot ask for', recordOf({ frame: frameOf(), kind: 9 })],
] as const)
  test.serial(`${what} ends the way, and another can be opened`, async (t) => {
    const channel = await dataPlane.openPunt(slot, options);
    const socket = new Socket({ fd: channel.fd });
    socket.on('error', () => undefined);
    socket.resume();
    const lost = drops('no_plugin');
    socket.write(bad);
    await once(socket, 'close');
    t.true(await becomes(() => drops('no_plugin') > lost));
    await channel.close();
    await (await dataPlane.openPunt(slot, options)).close();
  });

test.serial('a tenant has one way', async (t) => {
  await opened(t);
  await t.throwsAsync(dataPlane.openPunt(slot, options), { message: /slot 1 has plugins already/ });
});

test.serial('ways come and go while packets pass', async (t) => {
  for (let i = 0; i < 50; i++) {
    const channel = await dataPlane.openPunt(slot, options);
    const socket = new Socket({ fd: channel.fd });
    socket.on('error', () => undefined);
    socket.write(recordOf({ frame: frameOf(), kind: resume, port: 1, mark: 1 }));
    if (i % 2 === 0) socket.resume();
    await sleep(i % 5);
    if (i % 3 === 0) socket.destroy();
    await channel.close();
    socket.destroy();
  }
  t.true(await becomes(() => drops('no_plugin') > 0n));
});
