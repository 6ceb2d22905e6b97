import test from 'ava';
import type { PluginHostConfig } from '../../../src/config/schema.js';
import { frameOf } from '../../support/punted.js';
import { fixture, plugged } from '../../support/plugin-host.js';

/** What a plugin does, and what its switch says of it. */
const harms: readonly (readonly [harm: string, reason: RegExp, host?: PluginHostConfig])[] = [
  ['infinite loop', /no sign of life while it ran for \d+ ms/, { heartbeatMs: 300 }],
  ['exit', /its process exited with 3/],
  ['abort', /its process was ended by SIGABRT/],
  ['raw message', /sent a message of 104857600 bytes, where 1048576 are allowed/],
  ['no message', /sent a message that is no JSON/],
  ['throw in setup', /no setup today/],
  ['throw later', /again and again/],
  ['rejection', /nobody waits/],
  ['leak', /used \d+ MiB of memory, and may use 160/, { memoryMib: 160 }],
  ['heap', /had no heap left|used \d+ MiB of memory/, { memoryMib: 160 }],
];

for (const [harm, reason, pluginHost = {}] of harms)
  test.serial(`${harm}: started again, then disabled; its rules are withdrawn`, async (t) => {
    const options = { harm };
    const hostile = { name: 'hostile', path: fixture('hostile'), options };
    const { of, record, rules, states, until, events } = await plugged(t, [hostile], { maxFailures: 2, ...pluginHost });
    await until('it failed twice', () => record('hostile').state === 'failed', 50_000);
    t.regex(record('hostile').reason ?? '', reason);
    t.regex(record('hostile').reason ?? '', /it failed 2 times in 300 s/);
    t.is(record('hostile').restarts, 1);
    await until('its rules are gone', () => rules('hostile').length === 0);
    t.deepEqual(
      states().filter((state, i, all) => state !== all[i - 1] && !state.endsWith('running')),
      ['hostile waiting', 'hostile starting', 'hostile failed'],
    );
    t.true(events.some((event) => event.type === 'plugin_state' && event.state === 'failed' && reason.test(event.reason ?? '')));
    await until('no process is left', () => of.pid === undefined || record('hostile').state === 'failed');
  });

const refusals: readonly (readonly [harm: string, reason: RegExp])[] = [
  ['undeclared header', /rules look at headers that the plugin does not declare: \/rules\/0\/match\/ipv4_dst/],
  ['rule flood', /a plugin may have 8192 rules, and asks for 9000|bytes are sent in one message/],
  ['foreign port', /no policy lets tenant red send to port b1/],
  ['huge message', /bytes are sent in one message, where 1048576 are allowed/],
];

for (const [harm, reason] of refusals)
  test.serial(`${harm}: refused by name`, async (t) => {
    const { record, rules, until } = await plugged(t, [{ name: 'hostile', path: fixture('hostile'), options: { harm } }], {
      maxFailures: 1,
    });
    await until('it failed', () => record('hostile').state === 'failed');
    t.regex(record('hostile').reason ?? '', reason);
    t.is(rules('hostile').length, 0);
  });

test.serial('rules of a plugin that failed are kept where the config says so', async (t) => {
  const hostile = { name: 'hostile', path: fixture('hostile'), options: { harm: 'exit' }, onFailure: 'keep' } as const;
  const { record, rules, until } = await plugged(t, [hostile], { maxFailures: 1 });
  await until('it failed', () => record('hostile').state === 'failed');
  t.is(rules('hostile').length, 1);
});

test.serial('who is guilty fails; the other plugins of the tenant run on in a new process', async (t) => {
  const hostile = { name: 'hostile', path: fixture('hostile'), options: { harm: 'abort' } };
  const { record, rules, punts, until } = await plugged(t, [{ name: 'echo', path: fixture('echo') }, hostile], {
    maxFailures: 1,
  });
  await until('it failed', () => record('hostile').state === 'failed');
  await until('echo runs', () => record('echo').state === 'running');
  t.is(record('echo').reason, undefined);
  t.is(rules('echo').length, 1);
  const punt = punts.at(-1)!;
  punt.punt([{ frame: frameOf() }]);
  await until('a packet is back', () => punt.verdicts.length === 1);
});

test.serial('a process that prints without end is slowed down, and ended', async (t) => {
  const hostile = { name: 'hostile', path: fixture('hostile'), options: { harm: 'print' } };
  const { record, until } = await plugged(t, [hostile], { maxFailures: 1, heartbeatMs: 300 });
  await until('it failed', () => record('hostile').state === 'failed');
  t.regex(record('hostile').reason ?? '', /no sign of life/);
});

test.serial('a process over its CPU budget rests', async (t) => {
  const hostile = { name: 'hostile', path: fixture('hostile'), options: { harm: 'infinite loop' } };
  const { of, record, until } = await plugged(t, [hostile], { maxFailures: 1, heartbeatMs: 1500, cpuPercent: 50 });
  await until('it runs', () => record('hostile').state === 'running');
  await until('it rests', () => of.usage.throttledMs > 0);
  await until('it failed', () => record('hostile').state === 'failed');
  t.regex(record('hostile').reason ?? '', /no sign of life/);
});
