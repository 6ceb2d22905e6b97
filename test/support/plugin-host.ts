import type { ExecutionContext } from 'ava';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { PluginConfig, PluginHostConfig } from '../../src/config/schema.js';
import type { SwitchEvent } from '../../src/model/event.js';
import { pluginOwner, tenantName } from '../../src/model/ids.js';
import { PluginService } from '../../src/plugins/service.js';
import { FakePunt } from './fake-punt.js';
import { started } from './flow-desk.js';
import { root } from './source-tree.js';
import { labConfig, labTopology } from './topology.js';

export const fixture = (name: string): string => join(root, 'test/fixtures/plugins', `${name}.ts`);

/** The plugins of tenant red in a process of their own, with a data plane of memory. */
export async function plugged(t: ExecutionContext, plugins: readonly PluginConfig[], pluginHost: PluginHostConfig = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), 'plugins-'));
  chmodSync(stateDir, 0o711); // Its user enters it.
  const red = { ...labConfig.tenants.red, plugins: [...plugins], pluginHost, limits: { rules: 20_000 } };
  const config = { ...labConfig, tenants: { ...labConfig.tenants, red }, plugins: { stateDir } };
  const { table, machine } = await started({ topology: labTopology(config), limits: { rules: 60_000, groups: 64, meters: 64 } });
  const events: SwitchEvent[] = [];
  const punts: FakePunt[] = [];
  const service = new PluginService(config, {
    flows: table,
    openPunt: async () => {
      const punt = await FakePunt.open();
      punts.push(punt);
      return punt;
    },
    publish: (event) => {
      events.push(event);
    },
    log: pino({ level: process.env['PLUGIN_LOG'] ?? 'silent' }, pino.destination(2)),
    uid: process.getuid?.() ?? 1,
  });
  t.teardown(async () => {
    await service.close();
    rmSync(stateDir, { recursive: true, force: true });
  });
  t.timeout(90_000);
  await service.start();
  const of = service.of('red')!;
  const record = (name: string) => service.find('red', name).record;
  const until = async (what: string, holds: () => boolean, limitMs = 40_000): Promise<void> => {
    const endMs = performance.now() + limitMs;
    while (!holds()) {
      await sleep(20);
      if (performance.now() < endMs) continue;
      const told = of.records.map(({ spec, state, reason, lines }) => ({
        name: spec.name,
        state,
        reason,
        lines: lines.slice(-5),
      }));
      throw new Error(`waited in vain: ${what}; ${JSON.stringify(told)}`);
    }
  };
  return {
    service,
    of,
    record,
    events,
    table,
    machine,
    punts,
    until,
    rules: (name: string) => table.list(pluginOwner(tenantName('red'), name)),
    states: () => events.flatMap((event) => (event.type === 'plugin_state' ? [`${event.plugin} ${event.state}`] : [])),
  };
}
