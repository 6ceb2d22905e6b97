import test from 'ava';
import { readdirSync } from 'node:fs';
import { runChild } from './support/child.js';

/** Starts a switch whose worker forwards nothing but is busy: packets of zeros miss every table. */
const running = `
const sw = addon.createSwitch();
await sw.start(startOptions());
await sw.openPort(nullPort(1));
const counters = new BigUint64Array(1 << 16);
await until(() => { sw.readCounters(counters); return counters.some((n) => n > 1000n); });
console.log('running');
`;

const runtimeFiles = (): string[] => {
  try {
    return readdirSync('/var/run/dpdk');
  } catch {
    return [];
  }
};

test.serial('a process ends by itself after close', async (t) => {
  const end = await runChild(`${running} await sw.close(); console.log('closed');`);
  t.is(end.stderr, '');
  t.like(end, { code: 0, signal: null, stdout: 'running\nclosed\n' });
});

test.serial('a process ends by itself with the switch open, since threads of the data plane hold nothing', async (t) => {
  const end = await runChild(running);
  t.like(end, { code: 0, signal: null, stderr: '' });
});

test.serial('process.exit keeps its code, with a worker running', async (t) => {
  t.like(await runChild(`${running} process.exit(7);`), { code: 7, signal: null, stderr: '' });
});

test.serial('closeSync in the exit handler ends the data plane', async (t) => {
  const end = await runChild(`process.on('exit', () => { sw.closeSync(); console.log('ended'); }); ${running} process.exit(3);`);
  t.like(end, { code: 3, stdout: 'running\nended\n', stderr: '' });
});

test.serial('an uncaught exception ends the process as always, and closes in the exit handler', async (t) => {
  const end = await runChild(
    `process.on('exit', () => sw.closeSync()); ${running} setTimeout(() => { throw new Error('on purpose'); });  await new Promise(() => {});`,
  );
  t.is(end.code, 1);
  t.regex(end.stderr, /on purpose/);
});

test.serial('SIGTERM without a handler ends the process by that signal', async (t) => {
  const end = await runChild(
    `${running} setInterval(() => {}, 1000);`,
    (text, kill) => text.includes('running') && kill('SIGTERM'),
  );
  t.like(end, { code: null, signal: 'SIGTERM' });
});

test.serial('SIGTERM reaches a JavaScript handler while the worker polls', async (t) => {
  const script = `process.on('SIGTERM', async () => { await sw.close(); process.exit(0); }); ${running} setInterval(() => {}, 1000);`;
  t.like(await runChild(script, (text, kill) => text.includes('running') && kill('SIGTERM')), {
    code: 0,
    signal: null,
    stderr: '',
  });
});

test.serial('a process killed on the spot hinders no other', async (t) => {
  const killed = await runChild(
    `${running} setInterval(() => {}, 1000);`,
    (text, kill) => text.includes('running') && kill('SIGKILL'),
  );
  t.is(killed.signal, 'SIGKILL');
  t.is((await runChild(`${running} await sw.close();`)).code, 0);
});

test.serial('a Worker that loaded the addon may end while lcores run', async (t) => {
  const end = await runChild(`
import { Worker } from 'node:worker_threads';
const worker = new Worker(\`
  const { workerData, parentPort } = require('node:worker_threads');
  const addon = require(workerData.path);
  const sw = addon.createSwitch();
  sw.start(workerData.options).then(() => parentPort.postMessage('started'));
  setInterval(() => {}, 1000);
\`, { eval: true, execArgv: [], workerData: { path: new URL('build/Release/vswitch.node', 'file://' + process.cwd() + '/').pathname, options: startOptions() } });
await new Promise((resolve) => worker.on('message', resolve));
await worker.terminate();
console.log('terminated');
`);
  t.is(end.stderr, '');
  t.like(end, { code: 0, signal: null, stdout: 'terminated\n' });
});

test.serial('a switch that nobody refers to any more is closed by the garbage collector', async (t) => {
  const end = await runChild(`
import { readdirSync, readFileSync } from 'node:fs';
const polls = () => readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/comm', 'utf8')).filter((name) => name.startsWith('vswitch-control')).length;
await (async () => { const sw = addon.createSwitch(); await sw.start(startOptions()); })();
console.log(polls());
for (let i = 0; i < 200 && polls() > 0; i++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
console.log(polls());
`);
  t.like(end, { code: 0, stdout: '1\n0\n', stderr: '' });
});

test.serial('what is under way when the switch is closed is settled', async (t) => {
  const end = await runChild(`
const sw = addon.createSwitch();
const pending = [sw.start(startOptions()), sw.openPort(nullPort(1)), sw.close(), sw.openPort(nullPort(2)), sw.portState(1)];
console.log((await Promise.allSettled(pending)).map((p) => p.status === 'fulfilled' ? 'ok' : p.reason.code).join(' '));
`);
  t.like(end, { code: 0, stdout: 'ok ok ok CLOSED CLOSED\n', stderr: '' });
});

test.after('nothing is left in DPDK’s runtime directory', (t) => {
  t.deepEqual(
    runtimeFiles().filter((name) => name.startsWith('addon-test-')),
    [],
  );
});
