import test from 'ava';
import type { Problem } from '../../../src/api/problem.js';
import type { PluginListView, PluginLogView, PluginView } from '../../../src/api/schemas/plugins.js';
import { main } from '../../../src/cli/main.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

const { red } = twoTenants.tenants;
const plugins = [
  { name: 'mac-filter', enabled: false },
  { name: 'gone', path: '/nowhere' },
];
const config = { ...twoTenants, tenants: { ...twoTenants.tenants, red: { ...red, plugins } } };

test('plugins of a tenant are listed in their order; one that is not there says why', async (t) => {
  const { call } = await runningSwitch(t, config);
  const { status, json } = await call('GET', '/v1/tenants/red/plugins');
  const view: PluginListView = json();
  t.is(status, 200);
  t.like(view.host, { pid: null, cpuMs: 0, punted: 0 });
  t.deepEqual(
    view.plugins.map(({ name, index, state, reason, rules }) => [name, index, state, reason, rules]),
    [
      ['mac-filter', 0, 'disabled', null, 0],
      ['gone', 1, 'failed', 'there is no file /nowhere', 0],
    ],
  );
  t.deepEqual((await call('GET', '/v1/tenants/blue/plugins')).json(), { host: null, plugins: [] });
  const log = (await call('GET', '/v1/tenants/red/plugins/gone/logs')).json<PluginLogView>();
  t.is(log.lines.at(-1)?.message, 'there is no file /nowhere');
  t.is(
    (await call('PUT', '/v1/tenants/red/plugins/mac-filter/enabled', { enabled: false })).json<PluginView>().state,
    'disabled',
  );
});

test('what cannot be is told by name', async (t) => {
  const { call } = await runningSwitch(t, config);
  const code = async (...args: Parameters<typeof call>): Promise<[number, string]> => {
    const { status, json } = await call(...args);
    return [status, json<Problem>().code];
  };
  t.deepEqual(await code('GET', '/v1/tenants/red/plugins/nat'), [404, 'PLUGIN_NOT_FOUND']);
  t.deepEqual(await code('GET', '/v1/tenants/green/plugins'), [404, 'TENANT_NOT_FOUND']);
  t.deepEqual(await code('POST', '/v1/tenants/red/plugins/mac-filter/reload'), [503, 'PLUGIN_STOPPED']);
  t.deepEqual(await code('GET', '/v1/tenants/red/plugins/mac-filter/api/refused'), [503, 'PLUGIN_STOPPED']);
  t.deepEqual(await code('PUT', '/v1/tenants/red/plugins/mac-filter/enabled', { enabled: 1 }), [400, 'REQUEST_INVALID']);
});

test('the command line shows them', async (t) => {
  const { socket } = await runningSwitch(t, config);
  const run = async (...args: string[]): Promise<[number, string]> => {
    const out: string[] = [];
    const io = { out: (text: string) => void out.push(text), err: (text: string) => void out.push(text), env: {} };
    return [await main(['--socket', socket, 'plugin', ...args], io as never), out.join('\n')];
  };
  const [listed, list] = await run('list', '--tenant', 'red');
  t.is(listed, 0);
  t.regex(list, /PLUGIN +VERSION +STATE/);
  t.regex(list, /gone +failed .*there is no file \/nowhere/);
  t.regex(list, /no process runs, 0.0 s of CPU so far/);
  t.regex((await run('logs', 'gone', '-t', 'red'))[1], /error there is no file/);
  t.regex((await run('disable', 'mac-filter', '-t', 'red'))[1], /mac-filter is disabled/);
  t.is((await run('enable', 'nat', '-t', 'red'))[0], 65);
});
