import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { labApi } from '../../src/cli/lab-api.js';
import type { VswitchConfig } from '../../src/config/schema.js';
import { fleetHome } from '../../src/fleet/state.js';
import { markOf } from '../../src/process/marks.js';
import { memoryOf, ranNs } from '../../src/process/usage.js';
import { freeHugepageMib } from '../../src/switch/eal-arguments.js';
import { buildPairs, fleetOf, lossOf, pairConfig } from './support/fleet.js';
import { labName } from './support/lab.js';

const isAlive = (pid: number): boolean => markOf(pid) !== undefined;
const freeHugepages = (): number => freeHugepageMib(readFileSync('/proc/meminfo', 'utf8'));

const commOf = (pid: number, tid: string): string => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
/** How long a thread wanted to run and did not; the second field of its schedstat. */
const waitedNs = (pid: number, tid: string): number =>
  Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[1]);

/** Sends what it receives to nobody. @param receive whether packets come, without end. */
const nullConfig = (name: string, receive: boolean): VswitchConfig => ({
  name,
  workers: { cores: [1] },
  ports: { p1: { type: 'null', tenant: 'red', receive, packetSize: 64 } },
  tenants: { red: {} },
});

test.serial('of four instances one is killed and starts again, the others lose no packet; the end leaves nothing', async (t) => {
  t.timeout(120_000);
  const name = labName('fleet');
  const at = await buildPairs(t, name, 4);
  const free = freeHugepages();
  // One has all that is the default, of memory too.
  const byDefault = pairConfig(`${name}0`, 0, { memory: {} });
  const fleet = fleetOf(t, [byDefault, ...[1, 2, 3].map((i) => pairConfig(`${name}${i}`, i))], at);
  const up = await fleet.command('up', '--detach');
  t.is(up.code, 0, up.text);
  const { instances, supervisor } = await fleet.status();
  t.deepEqual(
    instances.map(({ state, ports }) => [state, ports?.open]),
    Array.from({ length: 4 }, () => ['up', 2]),
  );
  t.is(new Set(instances.map(({ pid }) => pid)).size, 4);
  t.log(`hugepages: ${instances.map(({ hugepageBytes }) => hugepageBytes / 2 ** 20).join(', ')} MiB`);
  t.true(instances.every(({ hugepageBytes }) => hugepageBytes > 0 && hugepageBytes <= 96 * 2 ** 20));
  for (const i of [0, 1, 2, 3]) t.is(await lossOf(name, i, '-c', '3', '-i', '0.05'), 0);

  const others = Promise.all([0, 2, 3].map((i) => lossOf(name, i, '-c', '500', '-i', '0.01')));
  await sleep(500);
  process.kill(instances[1]!.pid!, 'SIGKILL');
  const killedAt = performance.now();
  let again = await fleet.instance(`${name}1`);
  while (again.state !== 'up' && performance.now() - killedAt < 30_000) again = await fleet.instance(`${name}1`);
  t.log(`up again after ${(performance.now() - killedAt).toFixed(0)} ms`);
  t.deepEqual([again.state, again.restarts, again.lastEnd], ['up', 1, 'SIGKILL']);
  t.is(await lossOf(name, 1, '-c', '3', '-i', '0.05'), 0);
  t.deepEqual(await others, [0, 0, 0]);

  // Without a supervisor the switches go on, no second fleet starts beside them, and `down` finds them.
  process.kill(supervisor!, 'SIGKILL');
  await sleep(100);
  t.is((await fleet.status()).supervisor, null);
  t.is(await lossOf(name, 2, '-c', '3', '-i', '0.05'), 0);
  const second = await fleet.command('up', '--detach');
  t.is(second.code, 71);
  t.regex(second.text, /runs already/);
  const pids = (await fleet.status()).instances.map(({ pid }) => pid!);
  t.is((await fleet.command('down')).code, 0);
  t.deepEqual(pids.filter(isAlive), []);
  t.deepEqual(
    instances.filter(({ socket }) => existsSync(socket)),
    [],
  );
  t.false(existsSync(fleetHome(fleet.directory)));
  t.is(freeHugepages(), free);
  t.is((await fleet.command('status')).code, 1);
});

test.serial('an instance that cannot start keeps the others from running, unless they shall go on', async (t) => {
  t.timeout(120_000);
  const name = labName('part');
  const missing: VswitchConfig = {
    ...nullConfig(`${name}2`, false),
    ports: { p1: { type: 'af_packet', interface: 'nosuch0', tenant: 'red' } },
  };
  const fleet = fleetOf(t, [nullConfig(`${name}1`, false), missing]);
  const up = await fleet.command('up', '--detach');
  t.is(up.code, 71, up.text);
  t.regex(up.text, /part\w+2 did not start, so none runs/);
  t.regex(up.text, /no such interface/);
  t.false(existsSync(`/run/mts-vswitch/${name}1.sock`));
  t.true(existsSync(fleetHome(fleet.directory)), 'the logs stay');
  await fleet.command('down');
  t.false(existsSync(fleetHome(fleet.directory)));

  t.is((await fleet.command('up', '--detach', '--keep-going')).code, 0);
  const [one, other] = (await fleet.status()).instances;
  t.is(one?.state, 'up');
  t.true(other?.state === 'waiting' || other?.state === 'starting', other?.state);
  t.is((await fleet.command('status')).code, 1);
  t.is((await fleet.command('down')).code, 0);
});

test.serial(
  'two instances that want all of one core: what one takes is stolen from the other, and on nobody’s bill',
  async (t) => {
    t.timeout(120_000);
    const name = labName('core');
    const fleet = fleetOf(t, [nullConfig(`${name}1`, true), nullConfig(`${name}2`, true)]);
    t.is((await fleet.command('up', '--detach')).code, 0);
    const [one, other] = (await fleet.status()).instances;
    const api = labApi(one!.socket);
    const worker = readdirSync(`/proc/${one!.pid}/task`).find((tid) => commOf(one!.pid!, tid) === 'rte-worker-1')!;
    /** Over a second: parts of the worker's time that were stolen by its own account and by the kernel's, and what a packet is billed. */
    const look = async () => {
      const [before, waitedBefore] = [await api.usage(), waitedNs(one!.pid!, worker)];
      await sleep(1000);
      const [after, waitedAfter] = [await api.usage(), waitedNs(one!.pid!, worker)];
      const grown = (of: (usage: typeof after) => number): number => of(after) - of(before);
      const red = (usage: typeof after) => usage.tenants.find(({ tenant }) => tenant === 'red')!.totals;
      const elapsed = grown(({ workers }) => workers[0]!.totals.elapsed);
      const cycles = grown((usage) => Object.values(red(usage).cycles).reduce((sum, stage) => sum + stage, 0));
      return {
        stolen: grown(({ workers }) => workers[0]!.totals.stolen) / elapsed,
        waited: ((waitedAfter - waitedBefore) / 1e9) * (after.tscHz / elapsed),
        cyclesPerPacket: cycles / grown((usage) => red(usage).rxPackets),
        error: after.conservationError,
      };
    };
    // What else the machine does makes a packet cost more, so the cheapest of some windows is what it costs.
    const cheapest = async () =>
      [await look(), await look(), await look()].sort((a, b) => a.cyclesPerPacket - b.cyclesPerPacket)[0]!;
    process.kill(other!.pid!, 'SIGSTOP');
    const alone = await cheapest();
    process.kill(other!.pid!, 'SIGCONT');
    const shared = await cheapest();
    for (const [what, seen] of Object.entries({ alone, shared })) {
      const parts = `${(seen.stolen * 100).toFixed(1)} % stolen, ${(seen.waited * 100).toFixed(1)} by the kernel`;
      t.log(`${what}: ${parts}, ${seen.cyclesPerPacket.toFixed(1)} cycles a packet`);
      t.true(Math.abs(seen.stolen - seen.waited) < 0.1);
      t.true(seen.error < 0.001);
    }
    t.true(shared.stolen > 0.3, 'the core is shared');
    t.true(shared.cyclesPerPacket < 1.25 * alone.cyclesPerPacket, 'half of the core on the bill would double it');
  },
);

test.serial(
  'sixteen idle instances on a core take less than 20 % of it in all, and at most 64 MiB of hugepages each',
  async (t) => {
    t.timeout(180_000);
    const name = labName('idle');
    // As many buffers as by default where a GiB is free; else the least. Others may be testing.
    const mib = freeHugepages() >= 16 * 64 ? 64 : 32;
    const memory = { mib, mbufs: mib === 64 ? 16_383 : 4095 };
    const configs = Array.from({ length: 16 }, (_, i) => ({ ...nullConfig(`${name}x${i}`, false), memory }));
    const fleet = fleetOf(t, configs);
    const up = await fleet.command('up', '--detach');
    t.is(up.code, 0, up.text);
    const { instances, supervisor } = await fleet.status();
    t.is(instances.length, 16);
    const pids = instances.map(({ pid }) => pid!);
    const hugepages = pids.map((pid) => memoryOf(pid)!.hugepageBytes / 2 ** 20);
    t.deepEqual(new Set(hugepages), new Set([mib]));
    await sleep(5000); // Longest sleeps come after 5 s of silence.
    const shares: number[] = [];
    // What else the machine does only adds to it, so the quietest of some windows is what they take.
    for (let window = 0; window < 8 && !(Math.min(...shares) < 0.2); window++) {
      const before = [supervisor!, ...pids].map(ranNs);
      const at = performance.now();
      await sleep(3000);
      const ran = [supervisor!, ...pids].map((pid, i) => ranNs(pid) - before[i]!).reduce((sum, ns) => sum + ns, 0);
      shares.push(ran / 1e6 / (performance.now() - at));
    }
    t.log(
      `${mib} MiB each; all threads of all processes: ${shares.map((share) => (share * 100).toFixed(1)).join(', ')} % of a core`,
    );
    t.true(Math.min(...shares) < 0.2);
    t.is((await fleet.command('down')).code, 0);
    t.deepEqual(pids.filter(isAlive), []);
  },
);

test.serial('SIGTERM at the supervisor ends all of its switches, also while they start', async (t) => {
  const name = labName('term');
  const fleet = fleetOf(t, [nullConfig(`${name}1`, false), nullConfig(`${name}2`, false)]);
  const ending = fleet.command('up', '--detach');
  let supervisor: number | null | undefined;
  while (!supervisor)
    supervisor = await fleet.status().then(
      (now) => now.supervisor,
      () => undefined,
    );
  process.kill(supervisor, 'SIGTERM');
  await ending;
  while (isAlive(supervisor)) await sleep(20);
  t.false(existsSync(fleetHome(fleet.directory)));
  for (const { name: one } of [nullConfig(`${name}1`, false), nullConfig(`${name}2`, false)])
    t.false(existsSync(`/run/mts-vswitch/${one}.sock`));
});
