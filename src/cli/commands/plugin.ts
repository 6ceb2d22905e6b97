import { Command } from 'commander';
import { resolve } from 'node:path';
import type { PluginListView, PluginLogView, PluginView } from '../../api/schemas/plugins.js';
import type { Wire } from '../../api/schemas/usage.js';
import { runTests } from '../../plugins/project/run-tests.js';
import { writeProject } from '../../plugins/project/template.js';
import { ExitCode, type Io } from '../io.js';
import { followPlugin } from '../plugin-dev.js';
import { lineText, pluginPath } from '../plugin-text.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

const tenantOption = ['-t, --tenant <name>', 'whose plugins'] as const;
interface TenantOptions {
  readonly tenant: string;
}

export function pluginCommand(io: Io): Command {
  const plugin = new Command('plugin').description('features of a tenant that are programs: see them, switch them, write them');
  plugin
    .command('list')
    .description("show a tenant's plugins, in the order in which they see packets")
    .requiredOption(...tenantOption)
    .action(async function (this: Command, { tenant }: TenantOptions) {
      await withSession(this, io, async (session) => {
        session.show<Wire<PluginListView>>(await session.send('GET', pluginPath(tenant)), listText);
      });
    });
  for (const [name, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    plugin
      .command(name)
      .description(enabled ? 'let a plugin run, also one that failed too often' : 'end a plugin; its rules go, its store stays')
      .argument('<plugin>')
      .requiredOption(...tenantOption)
      .action(async function (this: Command, which: string, { tenant }: TenantOptions) {
        await withSession(this, io, async (session) => {
          session.show<Wire<PluginView>>(
            await session.send('PUT', `${pluginPath(tenant, which)}/enabled`, { enabled }),
            stateText,
          );
        });
      });
  plugin
    .command('reload')
    .description('load a plugin anew from its file; its rules and store stay')
    .argument('<plugin>')
    .requiredOption(...tenantOption)
    .action(async function (this: Command, which: string, { tenant }: TenantOptions) {
      await withSession(this, io, async (session) => {
        session.show<Wire<PluginView>>(await session.send('POST', `${pluginPath(tenant, which)}/reload`), stateText);
      });
    });
  plugin
    .command('logs')
    .description('show what a plugin wrote lately, and what was said of it')
    .argument('<plugin>')
    .requiredOption(...tenantOption)
    .option('-n, --lines <count>', 'the last so many', '100')
    .action(async function (this: Command, which: string, { tenant, lines }: TenantOptions & { readonly lines: string }) {
      await withSession(this, io, async (session) => {
        const path = `${pluginPath(tenant, which)}/logs?lines=${encodeURIComponent(lines)}`;
        session.show<PluginLogView>(await session.send('GET', path), (log) => log.lines.map(lineText).join('\n'));
      });
    });
  plugin
    .command('new')
    .description('write a plugin that type-checks and passes its test')
    .argument('<name>', 'also of the folder that is made')
    .action(async (name: string) => {
      for (const file of await writeProject(name, resolve(name))) io.out(file);
    });
  plugin
    .command('test')
    .description("run the tests of a plugin's folder")
    .argument('[folder]', 'where they are', '.')
    .action(async (folder: string) => {
      if (!(await runTests(resolve(folder)))) throw new ExitCode(1);
    });
  plugin
    .command('dev')
    .description(
      'load a plugin of a running switch anew whenever a file of its folder changes, and show its log; ends with Ctrl-C',
    )
    .argument('<folder>')
    .requiredOption(...tenantOption)
    .option('-p, --plugin <name>', "its name in the config; the folder's where left out")
    .action(async function (
      this: Command,
      folder: string,
      { tenant, plugin: name }: TenantOptions & { readonly plugin?: string },
    ) {
      await withSession(this, io, (session) => followPlugin(session, resolve(folder), tenant, name));
    });
  return plugin;
}

const stateText = ({ name, state, reason }: Wire<PluginView>): string =>
  `${name} is ${state}${reason === null ? '' : `: ${reason}`}`;

function listText({ host, plugins }: Wire<PluginListView>): string {
  if (!host) return 'the tenant has no plugins';
  const rows = plugins.map(({ name, version, state, rules, handled, errors, restarts, reason }) => [
    name,
    version ?? '',
    state,
    String(rules),
    String(handled),
    String(errors),
    String(restarts),
    reason ?? '',
  ]);
  const numbers = ['RULES', 'HANDLED', 'ERRORS', 'RESTARTS'];
  const cpu = `${(host.cpuMs / 1000).toFixed(1)} s of CPU`;
  const process =
    host.pid === null
      ? `no process runs, ${cpu} so far`
      : `process ${host.pid}, ${cpu}, ${Math.round(host.residentBytes / 2 ** 20)} MiB`;
  return `${table(['PLUGIN', 'VERSION', 'STATE', ...numbers, 'REASON'], rows, numbers)}\n${process}`;
}
