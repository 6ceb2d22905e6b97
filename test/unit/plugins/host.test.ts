import test from 'ava';
import { frameOf } from '../../support/punted.js';
import { fixture, plugged } from '../../support/plugin-host.js';

const echo = { name: 'echo', path: fixture('echo') };

test.serial('packets go through a plugin in its process; its store outlasts a reload', async (t) => {
  const { of, record, punts, rules, until, events, service } = await plugged(t, [echo]);
  await until('echo runs', () => record('echo').state === 'running');
  t.is(rules('echo').length, 1);
  t.like(rules('echo')[0], { band: 'plugin', priority: 15 * 4096 + 2048 });
  const frames = Array.from({ length: 2000 }, (_, i) => ({
    frame: frameOf(60 + (i % 1400), 7),
    worker: 2,
    port: 3,
    handler: 0,
    mark: 0,
  }));
  punts[0]!.punt(frames);
  await until('all are back', () => punts[0]!.verdicts.length === frames.length);
  const { verdicts } = punts[0]!;
  t.true(verdicts.every(({ kind, worker, port, mark }) => kind === 0 && worker === 2 && port === 3 && mark === 1));
  t.deepEqual(
    verdicts.map(({ length }) => length),
    frames.map(({ frame }) => frame.length),
  );
  t.true(verdicts.every(({ frame }) => frame[13] === 0xb6));
  await until('it is told', () => record('echo').counts.forwarded === frames.length);
  t.deepEqual(record('echo').metrics, [{ name: 'handled', kind: 'counter', value: frames.length }]);
  service.hear({ type: 'port_link', port: 'r1' as never, link: { up: true, speedMbps: 0, fullDuplex: true } });
  await until('the link was seen', () => events.some((event) => event.type === 'plugin_event' && event.event === 'link_seen'));
  const get = { method: 'GET', path: '/starts', query: {}, body: undefined } as const;
  t.deepEqual(await of.request(record('echo'), get), { status: 200, body: 1 });
  const before = of.pid;
  await of.reload(record('echo'));
  await until('echo runs again', () => record('echo').state === 'running');
  t.not(of.pid, before);
  t.true(punts[0]!.isClosed);
  t.deepEqual(await of.request(record('echo'), get), { status: 200, body: 2 });
  t.is(record('echo').counts.forwarded, frames.length);
  t.is(record('echo').lines.filter(({ message }) => message === 'echo is up').length, 2);
});

test.serial('disabled, a plugin has no rules and no process; enabled, it has both again', async (t) => {
  const { of, record, rules, until, states } = await plugged(t, [{ ...echo, enabled: false }]);
  t.is(of.pid, undefined);
  await of.setEnabled(record('echo'), true);
  await until('echo runs', () => record('echo').state === 'running');
  t.is(rules('echo').length, 1);
  await of.setEnabled(record('echo'), false);
  t.is(of.pid, undefined);
  t.is(rules('echo').length, 0);
  t.deepEqual(states(), ['echo starting', 'echo running', 'echo disabled']);
  t.throws(() => of.request(record('echo'), { method: 'GET', path: '/starts', query: {}, body: undefined }), {
    message: /disabled/,
  });
});

test.serial('plugins of a tenant see packets in the order of the config; built-ins are known by name', async (t) => {
  const { record, rules, until } = await plugged(t, [{ name: 'mac-filter' }, { name: 'second', path: fixture('echo') }]);
  await until('both run', () => record('mac-filter').state === 'running' && record('second').state === 'running');
  t.true(rules('mac-filter').every(({ priority }) => priority >= 15 * 4096));
  t.true(rules('second').every(({ priority }) => priority >= 14 * 4096 && priority < 15 * 4096));
  t.is(record('mac-filter').facts?.onFailure, 'keep');
});

test.serial('a plugin that is not there is told, and keeps the others from nothing', async (t) => {
  const { record, until } = await plugged(t, [{ name: 'mac-filtr' }, { name: 'gone', path: '/nowhere' }, echo]);
  await until('echo runs', () => record('echo').state === 'running');
  t.is(record('mac-filtr').state, 'failed');
  t.regex(record('mac-filtr').reason ?? '', /no built-in plugin is called mac-filtr: there is .*mac-filter/);
  t.regex(record('gone').reason ?? '', /no file \/nowhere/);
});

test.serial('in its process a plugin reads, writes, starts and reaches nothing', async (t) => {
  const { of, record, until } = await plugged(t, [{ name: 'hostile', path: fixture('hostile'), options: { harm: 'none' } }]);
  await until('it runs', () => record('hostile').state === 'running');
  const { body } = await of.request(record('hostile'), { method: 'GET', path: '/try', query: {}, body: undefined });
  t.like(body, {
    read: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    spawn: 'ERR_ACCESS_DENIED',
    thread: 'ERR_ACCESS_DENIED',
    addon: 'ERR_DLOPEN_DISABLED',
  });
  if (process.getuid?.() !== 0) console.error('host: SKIPPED for want of root: a user of its own, no network');
  else t.like(body, { connect: 'ENETUNREACH', uid: 60_600, interfaces: 0 });
});
