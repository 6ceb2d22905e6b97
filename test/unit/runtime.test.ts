import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import pino from 'pino';
import { request } from 'undici';
import type { VswitchConfig } from '../../src/config/schema.js';
import { VswitchError } from '../../src/model/errors.js';
import { startVswitch } from '../../src/runtime.js';
import { FakeNative } from '../support/fake-native.js';
import { runningSwitch, twoTenants } from '../support/running-switch.js';

const log = pino({ level: 'silent' });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const refusal = async (t: ExecutionContext, config: VswitchConfig, addon = new FakeNative()) => {
  const error = await t.throwsAsync(startVswitch(config, { log, addonLoader: () => addon }), { instanceOf: VswitchError });
  return { error: error, addon };
};

test('a second switch on the same socket is refused before it touches a device, and the first goes on', async (t) => {
  const { socket, call } = await runningSwitch(t);
  const { error, addon } = await refusal(t, { ...twoTenants, api: { socket } });
  t.is(error.code, 'SOCKET_IN_USE');
  t.true(error.message.includes(socket));
  t.is(addon.switches.length, 0);
  t.is((await call('GET', '/v1/health')).status, 200);
});

test('closing ends the data plane and removes the socket; twice does no harm', async (t) => {
  const { runtime, socket, native, call } = await runningSwitch(t);
  t.is((await call('GET', '/v1/health')).status, 200);
  await Promise.all([runtime.close(), runtime.close()]);
  t.is(native.state, 'closed');
  await t.throwsAsync(stat(socket), { code: 'ENOENT' });
  t.notThrows(() => runtime.closeSync());
});

test('an open event stream does not keep the switch from closing', async (t) => {
  const { runtime, socket, native } = await runningSwitch(t);
  const { Agent } = await import('undici');
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  const stream = await request('http://localhost/v1/events', { dispatcher });
  stream.body.on('error', () => undefined).resume();
  await runtime.close();
  t.is(native.state, 'closed');
  await dispatcher.destroy();
});

test('what was started is ended where a later step fails', async (t) => {
  const broken = new FakeNative();
  broken.brokenPorts.set('gw-b1', 'gone');
  const { error, addon } = await refusal(t, { ...twoTenants, api: { socket: `/tmp/vswitch-test-${process.pid}.sock` } }, broken);
  t.is(error.code, 'PORT_FAILED');
  t.is(addon.only.state, 'closed');
});

test('over TCP only with the token', async (t) => {
  const port = await freePort();
  const token = 'sixteen-letters-or-more';
  await runningSwitch(t, { ...twoTenants, api: { tcp: { port, token } } });
  const status = async (headers: Record<string, string>) => {
    const answer = await request(`http://127.0.0.1:${port}/v1/health`, { headers });
    await answer.body.dump();
    return answer.statusCode;
  };
  t.is(await status({}), 401);
  t.is(await status({ authorization: `Bearer ${token.toUpperCase()}` }), 401);
  t.is(await status({ authorization: `Bearer ${token}` }), 200);
});

test('a TCP port that is taken is named, and nothing stays', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const api = { socket: `/tmp/vswitch-test-tcp-${process.pid}.sock`, tcp: { port, token: 'sixteen-letters-or-more' } };
  const { error, addon } = await refusal(t, { ...twoTenants, api });
  t.is(error.code, 'SOCKET_IN_USE');
  t.true(error.message.includes(String(port)));
  t.is(addon.only.state, 'closed');
  await t.throwsAsync(stat(api.socket), { code: 'ENOENT' });
  server.close();
});

test('a restart forwards by the same configured rules', async (t) => {
  const config: VswitchConfig = {
    ...twoTenants,
    flows: [{ match: { in_port: 'up' }, actions: [{ type: 'drop' }] }],
    policy: [{ from: 'red', to: 'blue' }],
  };
  const first = await runningSwitch(t, config);
  const second = await runningSwitch(t, config);
  t.deepEqual(second.native.rules, first.native.rules);
  t.true(first.native.rules.size > 10);
});

test('events: generations, and ports that come and go', async (t) => {
  const { socket, call } = await runningSwitch(t);
  const { Agent } = await import('undici');
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  t.teardown(() => dispatcher.destroy());
  const stream = await request('http://localhost/v1/events', { dispatcher });
  t.is(stream.headers['content-type'], 'text/event-stream');
  let text = '';
  const seen = (async () => {
    for await (const chunk of stream.body) {
      text += String(chunk);
      if (text.includes('port_removed')) return;
    }
  })();
  await call('PUT', '/v1/flows', { flows: [{ actions: [{ type: 'drop' }] }] });
  await call('POST', '/v1/ports', { name: 'gw-r3', config: { type: 'null', tenant: 'red' } });
  await call('DELETE', '/v1/ports/gw-r3');
  await seen;
  t.regex(text, /event: flows\ndata: \{"generation":\d+\}\n\n/);
  t.true(text.includes('event: port_added\ndata: {"port":"gw-r3"}\n\n'));
  t.true(text.includes('event: port_removed\ndata: {"port":"gw-r3"}\n\n'));
});

test('links are watched while there are groups', async (t) => {
  const { native, call } = await runningSwitch(t);
  const looks = async (): Promise<number> => {
    const before = native.linkLooks;
    await new Promise((resolve) => setTimeout(resolve, 250));
    return native.linkLooks - before;
  };
  t.is(await looks(), 0);
  const bucket = { watch_port: 'gw-r1', actions: [{ type: 'output', port: 'gw-r1' }] };
  const group = { group: 1, type: 'ff', buckets: [bucket] };
  t.is((await call('PATCH', '/v1/tenants/red/flows', { operations: [{ op: 'add', group }] })).status, 200);
  t.true((await looks()) > 0);
});
