import test from 'ava';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { FlowListView } from '../../src/api/schemas/flows.js';
import { outcomeOf } from '../../src/lab/command.js';
import { labProcesses, removeLab } from '../../src/lab/lab.js';
import { inside } from '../../src/lab/plan.js';
import { ping } from '../../src/lab/traffic.js';
import { labConfigFile } from '../../src/lab/state.js';
import { startSwitch } from '../../src/lab/switch-process.js';
import { program } from '../../src/process/program.js';
import { leftoversOf } from './support/leftovers.js';
import { labFor, labName, ready } from './support/lab.js';

const run = promisify(execFile);

test.serial('a switch that is killed and started again forwards within 3 s, by the same configured rules', async (t) => {
  const { plan, config, child, client } = await labFor(t, labName('kill'));
  const [vm] = plan.vms;
  const textOf = (list: FlowListView): unknown[] => list.flows.map(({ owner, band, flow }) => ({ owner, band, flow }));
  const rules = async () => textOf((await client.get('/v1/flows?owner=all')) as FlowListView);
  const before = await rules();
  t.true(before.length > 10);
  child.kill('SIGKILL');
  await once(child, 'exit');

  const startedAt = performance.now();
  await startSwitch(plan, config, ready);
  let answered = false;
  while (!answered && performance.now() - startedAt < 10_000) answered = (await ping(plan.uplinkHost, vm!, 1)).code === 0;
  const tookMs = performance.now() - startedAt;
  t.log(`forwards again after ${tookMs.toFixed(0)} ms`);
  t.true(answered && tookMs < 3000);
  t.deepEqual(await rules(), before);
});

test.serial('SIGTERM ends a switch within 2 s, and a lab that is removed leaves nothing', async (t) => {
  const { name, child } = await labFor(t, labName('term'));
  const marks = await labProcesses(name);
  t.is(marks.length, 5, 'the switch and four web servers');
  const exit = once(child, 'exit');
  const askedAt = performance.now();
  child.kill('SIGTERM');
  await exit;
  t.is(child.exitCode, 0);
  t.true(performance.now() - askedAt < 2000);
  await removeLab(name);
  t.deepEqual(await leftoversOf(name, marks), []);
});

test.serial('what a killed lab leaves, the next one of its name removes', async (t) => {
  const name = labName('crash');
  const first = await labFor(t, name);
  const marks = await labProcesses(name);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  t.true((await leftoversOf(name, marks)).length > 0);
  const second = await labFor(t, name);
  t.is((await ping(second.plan.uplinkHost, second.plan.vms[0]!)).code, 0);
  await removeLab(name);
  t.deepEqual(await leftoversOf(name, marks), []);
});

test.serial('a second switch on the same socket is refused, and the first goes on', async (t) => {
  const { name, plan, socket } = await labFor(t, labName('two'));
  const second = await outcomeOf(inside(plan.switchNamespace, process.execPath, program, 'run', labConfigFile(name)));
  t.is(second.code, 69);
  t.true(second.text.includes('SOCKET_IN_USE') && second.text.includes(socket), second.text);
  t.is((await ping(plan.uplinkHost, plan.vms[0]!)).code, 0);
});

test.serial('a lab in use is not built again, and says how to end it', async (t) => {
  const { name } = await labFor(t, labName('use'));
  const again = run(process.execPath, [program, 'lab', 'up', '--lab', name]);
  const { code, stderr } = await t.throwsAsync<Error & { code: number; stderr: string }>(again);
  t.is(code, 71);
  t.regex(stderr, /in use by process \d+/);
  t.true(stderr.includes(`vswitch lab down --lab ${name}`));
});

test.serial('two labs of different names are up side by side', async (t) => {
  const [one, other] = [await labFor(t, labName('a')), await labFor(t, `${labName('a')}b`)];
  t.is((await ping(one.plan.uplinkHost, one.plan.vms[0]!)).code, 0);
  t.is((await ping(other.plan.uplinkHost, other.plan.vms[0]!)).code, 0);
  await removeLab(one.name);
  t.is((await ping(other.plan.uplinkHost, other.plan.vms[0]!)).code, 0);
});
