import test from 'ava';
import { PluginError } from '../../../src/plugins/sdk/errors.js';
import { definePlugin, Type, type HeldPacket, type PluginContext } from '../../../src/plugins/sdk/index.js';
import { frame, PluginBench } from '../../../src/plugins/testing/index.js';

const base = { name: 'tried', version: '1.0.0', headers: ['ethernet', 'ipv4', 'udp'] } as const;
const withSetup = (setup: (ctx: PluginContext) => void | Promise<void>) => definePlugin({ ...base, setup });
const dns = { eth_type: 0x0800, ip_proto: 17, udp_dst: 53 } as const;
const query = frame({ ...dns, ipv4_src: '10.1.0.11' });

test('rules and handlers go to the switch together; the stronger wins', async (t) => {
  const bench = await PluginBench.start(
    withSetup(async (ctx) => {
      ctx.onPackets(dns, (batch) => {
        for (const packet of batch) packet.forward();
      });
      await ctx.rules.replace([
        { priority: 4000, match: { eth_type: 0x0800, ipv4_src: '10.1.0.12' }, actions: [{ type: 'drop' }] },
      ]);
    }),
    { index: 3 },
  );
  t.is(bench.rules.length, 2);
  const [forwarded] = bench.send(query, { port: 'r1' }).sent;
  t.like(forwarded, { kind: 'resume', port: 'r1', mark: 15 });
  t.deepEqual(bench.send(frame({ ...dns, ipv4_src: '10.1.0.12' }), { port: 'r1' }).actions, [{ type: 'drop' }]);
  t.is(bench.send(frame({ eth_type: 0x0806 }), { port: 'r1' }).actions, undefined);
});

test('what is not declared is refused when the plugin is set up', async (t) => {
  const error = await t.throwsAsync(
    PluginBench.start(withSetup((ctx) => ctx.onPackets({ eth_type: 0x0800, ip_proto: 6, tcp_dst: 80 }, () => {}))),
    { instanceOf: PluginError },
  );
  t.is(error.code, 'PLUGIN_HEADER');
  t.deepEqual(
    error.faults.map(({ pointer, remedy }) => [pointer, remedy]),
    [['/rules/0/match/tcp_dst', "add 'tcp' or 'transport' to its headers"]],
  );
});

test('a set that is refused leaves the one before', async (t) => {
  let ctx: PluginContext | undefined;
  const bench = await PluginBench.start(
    withSetup(async (given) => {
      ctx = given;
      await given.rules.replace([{ actions: [{ type: 'drop' }] }]);
    }),
  );
  await t.throwsAsync(ctx!.rules.replace([{ match: { ipv4_dst: '10.0.0.1' }, actions: [{ type: 'drop' }] }]), {
    instanceOf: PluginError,
  });
  ctx!.onPackets(dns, () => {});
  await ctx!.rules.counters();
  t.deepEqual(
    bench.rules.map(({ actions }) => actions[0]?.type),
    ['drop', 'punt'],
  );
});

test('counters are those of the rules that were given', async (t) => {
  let ctx: PluginContext | undefined;
  const bench = await PluginBench.start(
    withSetup(async (given) => {
      ctx = given;
      given.onPackets(dns, () => {});
      await given.rules.replace([{ actions: [{ type: 'drop' }] }]);
    }),
  );
  bench.count([{ packets: 5n, bytes: 300n }]);
  t.deepEqual(await ctx!.rules.counters(), [{ packets: 5n, bytes: 300n }]);
});

test('a handler that throws loses its own packets, and the next batch is handled', async (t) => {
  let calls = 0;
  const bench = await PluginBench.start(
    withSetup((ctx) =>
      ctx.onPackets(dns, (batch) => {
        if (calls++ === 0) throw new Error('no');
        for (const packet of batch) packet.forward();
      }),
    ),
  );
  t.is(bench.send(query, { port: 'r1' }).sent.length, 0);
  t.is(bench.send(query, { port: 'r1' }).sent.length, 1);
  t.like(bench.counts, { handled: 2, dropped: 1, forwarded: 1 });
  t.is(bench.errors.length, 1);
});

test('frames of its own go out of the tenant’s ports, or through the tables past the plugin', async (t) => {
  const bench = await PluginBench.start(
    withSetup((ctx) => {
      ctx.timers.every(100, () => {
        ctx.emit(query, { out: 'r2' });
        ctx.emit(query, { in: 'up' });
        ctx.emit(query, { in: 'r1', again: true });
        t.throws(() => ctx.emit(query, { out: 'up' }), { instanceOf: PluginError });
        t.throws(() => ctx.emit(new Uint8Array(5), { out: 'r2' }), { instanceOf: RangeError });
      });
    }),
    { index: 1 },
  );
  await bench.advance(250);
  t.deepEqual(
    bench.takeSent().map(({ kind, port, mark }) => [kind, port, mark]),
    [0, 1].flatMap(() => [
      ['output', 'r2', 0],
      ['resume', 'up', 3],
      ['resume', 'r1', 0],
    ]),
  );
  t.is(bench.counts.emitted, 6);
  await bench.stop();
  await bench.advance(1000);
  t.deepEqual(bench.takeSent(), []);
});

test('a held packet waits for an answer', async (t) => {
  const bench = await PluginBench.start(
    withSetup((ctx) => {
      const held: HeldPacket[] = [];
      ctx.onPackets(dns, (batch) => {
        for (const packet of batch) held.push(packet.hold());
      });
      ctx.timers.after(50, () => held.forEach((packet) => packet.forward()));
    }),
  );
  t.deepEqual(bench.send(query, { port: 'r1' }).sent, []);
  await bench.advance(60);
  t.deepEqual(
    bench.takeSent().map(({ kind, port, frame: bytes }) => [kind, port, bytes]),
    [['resume', 'r1', query]],
  );
});

test('the store keeps JSON, within its limits', async (t) => {
  let ctx: PluginContext | undefined;
  const bench = await PluginBench.start(
    withSetup((given) => void (ctx = given)),
    { store: { leases: { a: 1 } } },
  );
  const { store } = ctx!;
  t.deepEqual(store.get('leases'), { a: 1 });
  await Promise.all([store.set('b', [1, null, 'x']), store.set('c', true), store.delete('leases')]);
  t.deepEqual(bench.store, { b: [1, null, 'x'], c: true });
  t.deepEqual(store.keys(), ['b', 'c']);
  await t.throwsAsync(store.set('big', 'x'.repeat(2 ** 20)), { instanceOf: PluginError, message: /1048576 bytes/ });
  t.is(store.get('big'), undefined);
});

test('options get their defaults', async (t) => {
  const options = Type.Object({ ttl: Type.Integer({ default: 60 }) }, { additionalProperties: false });
  let seen: unknown;
  await PluginBench.start(definePlugin({ ...base, options, setup: (ctx) => void (seen = ctx.options) }));
  t.deepEqual(seen, { ttl: 60 });
  await t.throwsAsync(
    PluginBench.start(
      withSetup(() => {}),
      { options: { ttl: 5 } },
    ),
    { message: /no options/ },
  );
});

test('events, routes, metrics and logs', async (t) => {
  const bench = await PluginBench.start(
    withSetup((ctx) => {
      const links = ctx.metrics.gauge('links');
      ctx.on('port_link', ({ port, up }) => {
        links.set(up ? 1 : 0);
        ctx.log.info('a link changed', { port });
      });
      ctx.route('POST', '/echo/*', async ({ path, body, query: asked }) => ({
        status: 201,
        body: { path, body: body ?? null, asked },
      }));
      t.throws(() => ctx.metrics.counter('Not a name'), { instanceOf: PluginError });
      t.throws(() => ctx.metrics.counter('links'), { instanceOf: PluginError });
    }),
  );
  bench.hear({ type: 'port_link', port: 'r1', up: true, speedMbps: 0 });
  t.deepEqual(bench.metrics, { links: 1 });
  t.deepEqual(bench.logs, [{ level: 'info', message: 'a link changed', fields: { port: 'r1' } }]);
  t.deepEqual(await bench.request('POST', '/echo/a', 7, { q: '1' }), {
    status: 201,
    body: { path: '/echo/a', body: 7, asked: { q: '1' } },
  });
  await t.throwsAsync(bench.request('GET', '/echo/a'), { instanceOf: PluginError });
});

test('a definition is checked when it is loaded', async (t) => {
  const bad = { name: 'No Name', version: '1', headers: ['quic'], onFailure: 'burn', compatible: '^9.0.0', setup: 5 };
  const error = await t.throwsAsync(PluginBench.start(bad as never), { instanceOf: PluginError });
  t.deepEqual(
    error.faults.map(({ pointer }) => pointer),
    ['/name', '/version', '/headers/0', '/onFailure', '/setup', '/compatible'],
  );
});
