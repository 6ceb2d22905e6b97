import test from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { labNamespaces, labProcesses, removeLab } from '../../src/lab/lab.js';
import { program } from '../../src/process/program.js';
import { labName } from './support/lab.js';
import { leftoversOf } from './support/leftovers.js';

interface Demo {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function demo(...args: string[]): Demo {
  const child = spawn(process.execPath, [program, 'lab', 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { child, output: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition() && waitedMs < 30_000; waitedMs += 100) await sleep(100);
}

test.serial('the demo sends, shows, bills, exits with 0 and leaves nothing', async (t) => {
  const lab = labName('demo');
  t.teardown(() => removeLab(lab));
  const { child, output } = demo('--lab', lab, '--for', '5s');
  await until(() => output().includes('ok     ping'));
  const marks = await labProcesses(lab);
  t.true(marks.length >= 5);
  await once(child, 'close');
  t.is(child.exitCode, 0, output());
  t.regex(output(), /14 checks passed, 0 failed/);
  for (const title of ['Ports', 'Tenants', 'Workers', 'Drops', 'Bill']) t.true(output().includes(`${title}\n`), title);
  t.deepEqual(await leftoversOf(lab, marks), []);
});

test.serial('SIGINT ends a demo in the middle and leaves nothing', async (t) => {
  const lab = labName('int');
  t.teardown(() => removeLab(lab));
  const { child, output } = demo('--lab', lab);
  await until(() => output().includes('ok     ping'));
  const marks = await labProcesses(lab);
  child.kill('SIGINT');
  await once(child, 'close');
  t.is(child.exitCode, 130, output());
  t.deepEqual(await leftoversOf(lab, marks), []);
});

test.serial('what a killed demo leaves, the next one removes', async (t) => {
  const lab = labName('abrupt');
  t.teardown(() => removeLab(lab));
  const first = demo('--lab', lab);
  await until(() => first.output().includes('ok     ping'));
  const marks = await labProcesses(lab);
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  t.true(labNamespaces(lab).length > 0);
  const second = demo('--lab', lab, '--for', '1s');
  await once(second.child, 'close');
  t.is(second.child.exitCode, 0, second.output());
  t.deepEqual(await leftoversOf(lab, marks), []);
});
