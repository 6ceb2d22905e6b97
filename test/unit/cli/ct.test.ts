import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Io } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { connection } from '../../support/connections.js';
import { runningSwitch } from '../../support/running-switch.js';

async function running(t: ExecutionContext) {
  const { socket, native } = await runningSwitch(t);
  native.connections = [
    connection('10.1.0.11:1000 > 198.51.100.1:80', { zone: 5, replyDstPort: 4000 }),
    connection('fd00::1:1000 > fd00::2:53', { slot: 2, proto: 17, state: 'first' }),
  ];
  const cli = async (...args: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const io: Io = {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      env: {},
      readStdin: async () => '',
      terminal: { interactive: false, columns: 200, rows: 50 },
    };
    const code = await main(['--socket', socket, ...args], io);
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return { native, cli };
}

test('connections are listed, and counted', async (t) => {
  const { cli } = await running(t);
  const { out } = await cli('ct', 'list');
  t.regex(
    out,
    /\nred +5 +tcp +established +10\.1\.0\.11:1000 > 198\.51\.100\.1:80 +198\.51\.100\.1:80 > 10\.1\.0\.11:4000 +0x0 +0x0 +2 s/,
  );
  t.regex(out, /\nblue +0 +udp +first +\[fd00::1\]:1000 > \[fd00::2\]:53 +0x0 +0x0 +2 s/);
  t.is((await cli('ct', 'count')).out, '2');
  t.is((await cli('ct', 'count', '--tenant', 'red', '--proto', 'tcp')).out, '1');
  t.regex((await cli('ct', 'list', '--limit', '1')).out, /\nmore: --cursor 1$/);
  t.deepEqual(JSON.parse((await cli('--json', 'ct', 'count', '--port', '53')).out), { connections: 1 });
});

test('a flush takes a filter, or --all', async (t) => {
  const { cli } = await running(t);
  const bad = await cli('ct', 'flush');
  t.is(bad.code, 64);
  t.regex(bad.err, /all=true/);
  t.is((await cli('ct', 'flush', '--zone', '5')).out, '1 forgotten');
  t.is((await cli('ct', 'flush', '--all')).out, '1 forgotten');
});

test('stats tell what was refused', async (t) => {
  const { cli, native } = await running(t);
  native.ctCounts
    .set('1/created', 9n)
    .set('1/entries', 4n)
    .set('1/half_open', 1n)
    .set('1/tenant_full', 2n)
    .set('1/invalid_flags', 3n);
  const { out } = await cli('ct', 'stats');
  t.regex(out, /^2 of 65536 connections, in 16\.8MB of memory\n/);
  t.regex(out, /\nred +4\/21845 +1\/10922 +9 +0 +0 +0 +- +established 1 +tenant_full 2, invalid_flags 3/);
});

test('a snapshot goes to a file and back', async (t) => {
  const { cli, native } = await running(t);
  const directory = await mkdtemp(join(tmpdir(), 'vswitch-ct-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const file = join(directory, 'connections');
  t.is((await cli('ct', 'snapshot', file)).out, `10 bytes in ${file}`);
  t.is(await readFile(file, 'utf8'), 'a snapshot');
  t.is((await cli('ct', 'restore', file)).out, '3 restored, 1 skipped');
  t.is(Buffer.from(native.restored ?? []).toString(), 'a snapshot');
  await writeFile(file, 'anything');
  t.is((await cli('ct', 'restore', file)).code, 64);
  const missing = await cli('ct', 'restore', join(directory, 'missing'));
  t.is(missing.code, 64);
  t.regex(missing.err, /ENOENT/);
});
