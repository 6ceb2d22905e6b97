import test from 'ava';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { portNumber } from '../../src/model/ids.js';
import { totalCycles, type CounterSnapshot } from '../../src/model/usage.js';
import { loadAddon } from '../../src/switch/binding.js';
import { maxTenants } from '../../src/config/schema.js';
import { median } from '../../bench/measure/stats.js';
import { Switch } from '../../src/switch/switch.js';
import { smallSwitch } from '../support/small-switch.js';

const core = availableParallelism() - 1;
const windows = 10;
const windowMs = 100;

/** Slot 2 has three times the weight of slot 1; slot 3 may have a tenth of the core at the most. */
const cycleShares = new Uint32Array(3 * (maxTenants + 1));
cycleShares.set([1, 0, 0, 100, 0, 0, 300, 0, 0, 100, 0, 100]);

let dataPlane: Switch;

test.before(async () => {
  dataPlane = await Switch.start(loadAddon(), smallSwitch('shares-test', { cycleShares }));
});

test.after.always(() => dataPlane.close());

/** A port of the slot that always has packets. */
const open = (slot: number): Promise<unknown> => {
  const role = { kind: 'gw', tenant: `tenant${slot}` as never } as const;
  return dataPlane.openPort(portNumber(slot), `p${slot}` as never, role, slot, { type: 'null', receive: true });
};

interface Used {
  /** Of the time in which the worker ran. */
  readonly share: number;
  readonly cyclesPerPacket: number;
  readonly drops: CounterSnapshot['tenants'][number]['drops'];
}

/** What slots used in a window of time. */
async function look(slots: readonly number[], ms = windowMs): Promise<{ used: Used[]; stolen: number; elapsed: bigint }> {
  const before = dataPlane.snapshot();
  await sleep(ms);
  const after = dataPlane.snapshot();
  const [a, b] = [before.workers[0], after.workers[0]];
  if (!a || !b) throw new Error('no worker');
  const elapsed = b.elapsed - a.elapsed;
  const stolen = b.stolen - a.stolen;
  const used = slots.map((slot): Used => {
    const [from, to] = [before.tenants[slot], after.tenants[slot]];
    if (!from || !to) throw new Error('no slot');
    const cycles = totalCycles(to) - totalCycles(from);
    return {
      share: Number(cycles) / Number(elapsed - stolen),
      cyclesPerPacket: Number(cycles) / Number(to.rxPackets - from.rxPackets),
      drops: to.drops,
    };
  });
  return { used, stolen: Number(stolen) / Number(elapsed), elapsed };
}

/** Milliseconds that the worker's thread waited for its core, as the kernel counts (proc(5), schedstat). */
function waitedMs(): number {
  const tasks = readdirSync('/proc/self/task');
  const worker = tasks.find((task) => /worker/.test(readFileSync(`/proc/self/task/${task}/comm`, 'utf8')));
  const [, waitedNs = ''] = readFileSync(`/proc/self/task/${worker}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}

test.serial("what another process takes of the core is on nobody's bill", async (t) => {
  await open(1);
  const thief = spawn('taskset', ['--cpu-list', String(core), process.execPath, '-e', 'for (;;) {}'], { stdio: 'ignore' });
  t.teardown(() => thief.kill('SIGKILL'));
  await sleep(500);
  const before = waitedMs();
  const start = performance.now();
  const { stolen } = await look([1], 2000);
  const waited = (waitedMs() - before) / (performance.now() - start);
  t.log(`stolen: ${stolen.toFixed(3)} of the time; the kernel says ${waited.toFixed(3)}`);
  t.true(stolen > 0.3, 'the other process had its part');
  t.true(Math.abs(stolen - waited) < 0.02);
  const ratios: number[] = [];
  for (let i = 0; i < windows; ++i) {
    thief.kill('SIGSTOP');
    const alone = await look([1]);
    thief.kill('SIGCONT');
    const beside = await look([1]);
    ratios.push((beside.used[0]?.cyclesPerPacket ?? NaN) / (alone.used[0]?.cyclesPerPacket ?? NaN));
  }
  const ratio = median(ratios);
  t.log(`cycles a packet, beside it / alone: ${ratio.toFixed(3)}`);
  t.true(Math.abs(ratio - 1) < 0.05);
});

test.serial('tenants that always have packets share the core by their weights', async (t) => {
  await open(2);
  const { used } = await look([1, 2], 1000);
  const [one = NaN, three = NaN] = used.map(({ share }) => share);
  t.log(`shares: ${one.toFixed(3)} and ${three.toFixed(3)}`);
  t.true(Math.abs(three / one / 3 - 1) < 0.1);
  t.true(one + three > 0.9);
});

test.serial('shares that are changed hold at once, without a restart', async (t) => {
  const changed = cycleShares.slice();
  changed.set([100, 500, 0], 3);
  await dataPlane.setShares(changed);
  // Half is guaranteed to slot 1, and a fifth of the rest by weight; slot 2 has three fifths of that. Slot 3 leaves its own to both.
  const [one = NaN, three = NaN] = (await look([1, 2], 1000)).used.map(({ share }) => share);
  t.log(`shares: ${one.toFixed(3)} and ${three.toFixed(3)}`);
  t.true(Math.abs(one / three / 2 - 1) < 0.1);
  await dataPlane.setShares(cycleShares);
  const { used } = await look([1, 2], 1000);
  t.true(Math.abs((used[1]?.share ?? NaN) / (used[0]?.share ?? NaN) / 3 - 1) < 0.1);
});

test.serial('a cap holds, and what is beyond it is dropped under its own name', async (t) => {
  await open(3);
  const { used } = await look([1, 2, 3], 1000);
  const capped = used[2];
  t.log(`shares: ${used.map(({ share }) => share.toFixed(3)).join(', ')}`);
  t.true((capped?.share ?? 1) < 0.13);
  t.true((capped?.drops.cycle_cap_exceeded ?? 0n) > 0n);
  t.is(used[0]?.drops.cycle_cap_exceeded, 0n);
  t.true(Math.abs((used[1]?.share ?? 0) / (used[0]?.share ?? 1) / 3 - 1) < 0.1);
});
