import test from 'ava';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowFrames } from '../../bench/support/frames.js';
import { decodePcap, encodePcap } from '../../bench/support/pcap.js';
import type { PortConfig } from '../../src/config/schema.js';
import { portName, portNumber } from '../../src/model/ids.js';
import { loadAddon } from '../../src/switch/binding.js';
import { applyOne } from '../support/apply-each.js';
import { transaction } from '../support/transaction.js';
import { Switch } from '../../src/switch/switch.js';
import type { Rule } from '../../src/switch/types.js';
import { smallSwitch } from '../support/small-switch.js';

// One switch, since DPDK starts once in a process: a capture goes in at port 1, out at port 2 through the kind of port that is
// tested, back in at port 3, and into another capture at port 4.
const frames = flowFrames(100);
const directory = mkdtempSync(join(tmpdir(), 'port-types-'));
const source = join(directory, 'in.pcap');
writeFileSync(source, encodePcap(frames));
const ends = ['mtsportsa', 'mtsportsb'] as const;

const isRoot = process.getuid?.() === 0;
const rootTest = isRoot ? test.serial : test.serial.skip;
if (!isRoot) console.error('port-types: SKIPPED for want of root: tap, af_packet and af_xdp ports');

const rule = (id: number, from: number, to: number): Rule => ({
  id,
  slot: 0,
  table: 0,
  rank: 1,
  match: new Map([['in_port', { value: BigInt(from), mask: 0xffffn }]]),
  actions: [{ type: 'output', port: portNumber(to) }],
});

const starting = Switch.start(
  loadAddon(),
  smallSwitch('port-types', { maxSleepUs: 100, hugepages: 'auto', mib: 96, mbufs: 8191 }),
);
const open = async (number: number, config: PortConfig): Promise<string> => {
  const sw = await starting;
  return (await sw.openPort(portNumber(number), portName(`p${number}`), { kind: 'uplink' }, 0, config)).driver;
};

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`in 6 s it was not so that ${what}`);
}

/** Closes what a test opened, also where it failed. */
async function closeAll(): Promise<void> {
  const sw = await starting;
  for (const number of [1, 3, 2, 4]) await sw.closePort(portNumber(number)).catch(() => undefined);
}

/**
 * Sends the capture by ports 2 and 3; what came out at the end. A peer may report its link before it takes packets, so that the
 * capture is sent again where some of it was lost.
 */
async function throughPorts(near: PortConfig, far: PortConfig): Promise<{ drivers: string[]; received: Buffer[] }> {
  const sw = await starting;
  const sink = join(directory, 'out.pcap');
  await open(4, { type: 'pcap', txFile: sink });
  try {
    const drivers = [await open(2, near), await open(3, far)];
    for (const number of [2, 3])
      await until(`port ${number} is up`, async () => (await sw.portState(portNumber(number))).link.up);
    await until('all frames arrived', async () => {
      await open(1, { type: 'pcap', rxFile: source });
      const arrived = (): bigint => sw.snapshot().ports[4]?.txPackets ?? 0n;
      const before = arrived();
      for (let i = 0; i < 50 && arrived() - before < BigInt(frames.length); i++) await sleep(20);
      await sw.closePort(portNumber(1));
      return arrived() - before >= BigInt(frames.length);
    });
    await closeAll(); // The capture is complete when its port is closed.
    return { drivers, received: decodePcap(readFileSync(sink)) };
  } finally {
    await closeAll();
  }
}

/** The capture's frames, among whatever else the kernel sent by a real interface. */
const known = (received: readonly Buffer[]): string[] => {
  const sent = new Set(frames.map((frame) => frame.toString('hex')));
  return [...new Set(received.map((frame) => frame.subarray(0, 60).toString('hex')).filter((hex) => sent.has(hex)))].sort();
};

const all = frames.map((frame) => frame.toString('hex')).sort();

test.before(async () => {
  const sw = await starting;
  await applyOne(sw, transaction({ add: [rule(1, 1, 2), rule(2, 3, 4)] }));
  if (!isRoot) return;
  execFileSync('ip', ['link', 'add', ends[0], 'type', 'veth', 'peer', 'name', ends[1]]);
  for (const end of ends) execFileSync('ip', ['link', 'set', end, 'up']);
});

test.afterEach.always(closeAll);

test.after.always(async () => {
  await (await starting).close();
  rmSync(directory, { recursive: true });
  if (isRoot) execFileSync('ip', ['link', 'delete', ends[0]]);
});

test.serial('memif: a server and a client exchange packets through shared memory', async (t) => {
  const socket = join(directory, 'memif.sock');
  const { drivers, received } = await throughPorts(
    { type: 'memif', socket, mode: 'server' },
    { type: 'memif', socket, mode: 'client' },
  );
  t.deepEqual(drivers, ['net_memif', 'net_memif']);
  t.deepEqual(known(received), all);
});

test.serial('vhost_user and virtio_user: the two ends of a vhost-user socket', async (t) => {
  const path = join(directory, 'vhost.sock');
  const { drivers, received } = await throughPorts({ type: 'vhost_user', path }, { type: 'virtio_user', path });
  t.deepEqual(drivers, ['net_vhost', 'net_virtio_user']);
  t.deepEqual(known(received), all);
});

rootTest('af_packet: both ends of a veth pair', async (t) => {
  const { drivers, received } = await throughPorts(
    { type: 'af_packet', interface: ends[0] },
    { type: 'af_packet', interface: ends[1] },
  );
  t.deepEqual(drivers, ['net_af_packet', 'net_af_packet']);
  t.deepEqual(known(received), all);
});

rootTest('an interface belongs to one port at a time', async (t) => {
  const config: PortConfig = { type: 'af_packet', interface: ends[0] };
  await open(2, config);
  const error = await t.throwsAsync(open(3, config), { code: 'PORT_FAILED' });
  t.regex(error.message, /another port of a switch in this network namespace has the interface/);
  await (await starting).closePort(portNumber(2));
  t.is(await open(3, config), 'net_af_packet');
});

rootTest('af_xdp: both ends of a veth pair', async (t) => {
  const { drivers, received } = await throughPorts(
    { type: 'af_xdp', interface: ends[0] },
    { type: 'af_xdp', interface: ends[1] },
  );
  t.deepEqual(drivers, ['net_af_xdp', 'net_af_xdp']);
  t.deepEqual(known(received), all);
});

rootTest('tap: a new interface that the kernel sees, and that is gone with the port', async (t) => {
  const sw = await starting;
  const packetsOf = (): number => Number(readFileSync('/proc/net/dev', 'utf8').match(/mtsportst:\s+\d+\s+(\d+)/)?.[1] ?? -1);
  t.is(await open(2, { type: 'tap', interface: 'mtsportst' }), 'net_tap');
  const before = packetsOf();
  await open(1, { type: 'pcap', rxFile: source });
  await until('the kernel received all frames', () => packetsOf() - before >= frames.length);
  await sw.closePort(portNumber(1));
  await sw.closePort(portNumber(2));
  t.is(packetsOf(), -1);
});

test.serial('ring: what is sent comes back', async (t) => {
  const sw = await starting;
  const back = (): bigint => sw.snapshot().ports[2]?.rxPackets ?? 0n;
  const before = back();
  t.is(await open(2, { type: 'ring' }), 'net_ring');
  await open(1, { type: 'pcap', rxFile: source });
  await until('all frames came back', () => back() - before === BigInt(frames.length));
});

test.serial('a port that cannot start says which step failed and what to do, and leaves its number free', async (t) => {
  const faultOf = async (config: PortConfig) => {
    const error = (await open(2, config).then(
      () => new Error('it started'),
      (reason: unknown) => reason,
    )) as { code?: string; faults?: { pointer: string; message: string; remedy: string }[] };
    t.is(error.code, 'PORT_FAILED');
    return error.faults?.[0];
  };
  t.like(await faultOf({ type: 'af_packet', interface: 'mtsnone' }), {
    pointer: '/ports/p2/interface',
    message: 'this network namespace has no such interface',
  });
  t.like(await faultOf({ type: 'pci', address: '0000:7f:1f.7' }), {
    pointer: '/ports/p2/address',
    message: 'there is no such PCI device',
  });
  t.like(await faultOf({ type: 'pcap', rxFile: join(directory, 'none.pcap') }), { pointer: '/ports/p2/rxFile' });
  t.regex((await faultOf({ type: 'memif', socket: '/nonexistent/memif.sock', mode: 'server' }))?.message ?? '', /step probe/);
  t.regex((await faultOf({ type: 'null', mac: '01:00:00:00:00:00' }))?.message ?? '', /step mac/);
  t.is(await open(2, { type: 'null' }), 'net_null');
});
