import test from 'ava';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginListView } from '../../src/api/schemas/plugins.js';
import type { PluginConfig, TenantConfig, VswitchConfig } from '../../src/config/schema.js';
import type { LabHost } from '../../src/lab/plan.js';
import { root } from '../support/source-tree.js';
import { totalDropsOf } from './support/drops.js';
import { labFor, labName, type TestLab } from './support/lab.js';
import { http, pings } from './support/stateful.js';

const [vm2, uplink] = ['10.1.0.12', '192.0.2.2'];
const waitMs = 60_000;

/** The lab with plugins of tenant red. */
const withPlugins =
  (plugins: readonly PluginConfig[], stateDir: string, pluginHost: TenantConfig['pluginHost'] = {}) =>
  (config: VswitchConfig): VswitchConfig => ({
    ...config,
    conntrack: { entries: 4096 },
    tenants: { ...config.tenants, red: { ...config.tenants!['red']!, plugins: [...plugins], pluginHost } },
    plugins: { stateDir },
  });

const statesOf = async ({ client }: TestLab): Promise<PluginListView> =>
  (await client.get('/v1/tenants/red/plugins')) as PluginListView;

async function becomes(lab: TestLab, condition: (list: PluginListView) => boolean): Promise<boolean> {
  const end = performance.now() + waitMs;
  while (!condition(await statesOf(lab))) {
    if (performance.now() > end) return false;
    await sleep(200);
  }
  return true;
}

const lostOf = (text: string): number => Number(/(\d+)% packet loss/.exec(text)?.[1] ?? NaN);

function stateFolder(t: { teardown(undo: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-state-'));
  chmodSync(folder, 0o711);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('security groups: what no rule allows is refused, and kernels hear nothing; what one allows, and its answers, pass', async (t) => {
  const groups = {
    web: { members: ['vm1', 'vm2'], egress: [{}], ingress: [{ protocol: 'tcp', ports: '8080', remoteGroup: 'web' }] },
  };
  const plugin: PluginConfig = { name: 'security-groups', options: { groups } };
  const lab = await labFor(t, labName('secgroup'), withPlugins([plugin], stateFolder(t)));
  t.true(await becomes(lab, ({ plugins }) => plugins[0]?.state === 'running'), JSON.stringify(await statesOf(lab)));
  const [vm] = lab.plan.vms as [LabHost];
  const allowed = await http(vm, `http://${vm2}:8080/`, 5);
  t.is(allowed.code, 0, allowed.text);
  t.is((await pings(vm, uplink, '-c', '3', '-i', '0.2')).code, 0, 'egress, and the answers to it');
  t.not((await pings(vm, vm2, '-c', '2', '-i', '0.2')).code, 0, 'nobody allowed an echo request in');
  t.not((await pings(lab.plan.uplinkHost, '10.1.0.11', '-c', '2', '-i', '0.2')).code, 0, 'from outside, likewise');
  t.is((totalDropsOf(await lab.api.usage())['policy_refused'] ?? 0) >= 4, true);
});

test('every packet of a tenant through a plugin: kernels do not notice', async (t) => {
  const plugin: PluginConfig = {
    name: 'greedy',
    path: join(root, 'test/fixtures/plugins/greedy.ts'),
    options: { loopsAfter: 1e9 },
  };
  const lab = await labFor(t, labName('through'), withPlugins([plugin], stateFolder(t)));
  t.true(await becomes(lab, ({ plugins }) => plugins[0]?.state === 'running'), JSON.stringify(await statesOf(lab)));
  const [vm] = lab.plan.vms as [LabHost];
  t.is((await pings(vm, vm2, '-c', '20', '-i', '0.02')).code, 0);
  t.is((await pings(vm, uplink, '-c', '20', '-i', '0.02')).code, 0);
  for (let i = 0; i < 5; i++) t.is((await http(vm, `http://${uplink}:8080/`, 5)).code, 0);
  t.true(await becomes(lab, ({ plugins }) => (plugins[0]?.forwarded ?? 0) >= 80));
  const { host } = await statesOf(lab);
  t.is(Number(host?.refused), 0);
  t.true(Number(host?.resumed) >= 80);
});

test('a plugin that loops is ended, started again, then no more; another tenant loses no packet meanwhile', async (t) => {
  const plugin: PluginConfig = {
    name: 'greedy',
    path: join(root, 'test/fixtures/plugins/greedy.ts'),
    options: { loopsAfter: 5 },
  };
  const limits = { heartbeatMs: 500, maxFailures: 2 };
  const lab = await labFor(t, labName('greedy'), withPlugins([plugin], stateFolder(t), limits));
  t.true(await becomes(lab, ({ plugins }) => plugins[0]?.state === 'running'), JSON.stringify(await statesOf(lab)));
  const [red, , blue] = lab.plan.vms as [LabHost, LabHost, LabHost];
  const quiet = await pings(blue, uplink, '-c', '200', '-i', '0.02');
  const during = pings(blue, uplink, '-c', '1000', '-i', '0.02', '-W', '5');
  const flood = pings(red, vm2, '-c', '1000', '-i', '0.02');
  t.true(await becomes(lab, ({ plugins }) => plugins[0]?.state === 'failed'), JSON.stringify(await statesOf(lab)));
  const innocent = await during;
  t.is(lostOf(innocent.text), 0, innocent.text);
  t.log(`blue, before: ${/rtt .*/.exec(quiet.text)?.[0]}; during: ${/rtt .*/.exec(innocent.text)?.[0]}`);
  await flood;
  const [loop] = (await statesOf(lab)).plugins;
  t.regex(loop?.reason ?? '', /no sign of life/);
  t.true((loop?.restarts ?? 0) >= 1);
  // Its rules are withdrawn: red is as it was without it.
  t.is((await pings(red, vm2, '-c', '5', '-i', '0.1')).code, 0);
});
