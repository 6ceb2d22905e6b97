import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import Fastify from 'fastify';
import { claimSocket, listenOnSocket } from '../../../src/api/listen.js';
import { defaultSocket, socketDirectory } from '../../../src/api/socket-path.js';
import { VswitchError } from '../../../src/model/errors.js';

async function directory(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vswitch-listen-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('a free path is claimed, its directory made', async (t) => {
  const path = join(await directory(t), 'deep', 'er', 'a.sock');
  await t.notThrowsAsync(claimSocket(path));
});

test('the socket is for the owner and the group only', async (t) => {
  const path = join(await directory(t), 'a.sock');
  const app = Fastify();
  await listenOnSocket(app, path);
  t.is((await stat(path)).mode & 0o777, 0o660);
  await app.close();
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
});

test('a socket that somebody serves is refused by name', async (t) => {
  const path = join(await directory(t), 'a.sock');
  const server: Server = createServer().listen(path);
  await once(server, 'listening');
  const error = await t.throwsAsync(claimSocket(path), { instanceOf: VswitchError });
  t.is(error.code, 'SOCKET_IN_USE');
  t.true(error.message.includes(path));
  t.truthy(error.faults[0]?.remedy);
  server.close();
});

test('a socket whose process was killed is replaced', async (t) => {
  const path = join(await directory(t), 'a.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.true((await stat(path)).isSocket());
  const app = Fastify();
  await listenOnSocket(app, path);
  t.true((await stat(path)).isSocket());
  await app.close();
});

test('a file that is no socket is not deleted', async (t) => {
  const path = join(await directory(t), 'a.sock');
  await writeFile(path, 'precious');
  const error = await t.throwsAsync(claimSocket(path), { instanceOf: VswitchError });
  t.is(error.code, 'SOCKET_IN_USE');
  t.is((await stat(path)).size, 8);
});

test('root has one directory, others their own', (t) => {
  t.is(socketDirectory({ XDG_RUNTIME_DIR: '/somewhere' }, 0), '/run/mts-vswitch');
  t.is(socketDirectory({ XDG_RUNTIME_DIR: '/somewhere' }, 1000), '/somewhere/mts-vswitch');
  t.is(socketDirectory({}, 1000), '/run/user/1000/mts-vswitch');
  t.true(defaultSocket('lab').endsWith('/mts-vswitch/lab.sock'));
});
