import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endAll, isAlive, markOf } from '../../../src/process/marks.js';

test('this process is alive; one of its number and another start is another process', (t) => {
  const own = markOf(process.pid)!;
  t.true(isAlive(own));
  t.false(isAlive({ ...own, startTicks: String(Number(own.startTicks) - 1) }));
});

test('a process that has ended has no mark', async (t) => {
  const child = spawn('true');
  await once(child, 'exit');
  t.is(markOf(child.pid!), undefined);
});

test('processes end when asked, and also when they will not', async (t) => {
  const willing = spawn('sleep', ['60']);
  const unwilling = spawn(process.execPath, ['-e', "process.on('SIGTERM',()=>{});console.log(1);setInterval(()=>{},1000)"]);
  await once(unwilling.stdout, 'data');
  const marks = [markOf(willing.pid!)!, markOf(unwilling.pid!)!];
  const ends = Promise.all([once(willing, 'exit'), once(unwilling, 'exit')]);
  await endAll(marks, 200);
  await ends;
  t.is(willing.signalCode, 'SIGTERM');
  t.is(unwilling.signalCode, 'SIGKILL');
  t.false(marks.some(isAlive));
});
