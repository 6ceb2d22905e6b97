import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, startService, succeeds, until, type Service } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { Workload } from '../subject.js';

export const daemon = '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk';
export const schema = '/usr/share/openvswitch/vswitch.ovsschema';

/** A running Open vSwitch in a directory and network namespace of its own, and its tools. */
export interface Ovs {
  readonly directory: string;
  readonly vswitchd: Service;
  vsctl(...args: string[]): Promise<string>;
  ofctl(...args: string[]): Promise<string>;
  appctl(...args: string[]): Promise<string>;
  /** Where ovs-ofctl finds a bridge. */
  management(bridge: string): string;
}

const mask = (cores: readonly number[]): string => `0x${cores.reduce((bits, core) => bits | (1 << core), 0).toString(16)}`;

/** Starts database and switch with `bridges` of the user-space datapath, which forward nothing yet. */
export async function startOvs(
  workload: Workload,
  bridges: readonly string[],
  settings: readonly string[],
  scope: Scope,
): Promise<Ovs> {
  const dir = await mkdtemp(join(workload.directory, 'ovs-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const env = { OVS_RUNDIR: dir, OVS_LOGDIR: dir, OVS_DBDIR: dir, OVS_SYSCONFDIR: dir, RUNTIME_DIRECTORY: dir };
  const tool = (name: string, ...args: string[]) => run(name, args, { ...process.env, ...env });
  const vsctl = (...args: string[]) => tool('ovs-vsctl', `--db=unix:${dir}/db.sock`, ...args);
  const ofctl = (...args: string[]) => tool('ovs-ofctl', ...args);
  const management = (bridge: string): string => `unix:${dir}/${bridge}.mgmt`;

  await run('ovsdb-tool', ['create', `${dir}/conf.db`, schema]);
  const database = startService(
    'ovsdb-server',
    [`${dir}/conf.db`, `--remote=punix:${dir}/db.sock`, `--unixctl=${dir}/ovsdb.ctl`, `--pidfile=${dir}/ovsdb.pid`, '--no-chdir'],
    { scope, env },
  );
  await until('ovsdb-server', database, () => succeeds(vsctl('--no-wait', 'init')));
  const eal = `--in-memory --no-pci --no-telemetry -m ${workload.memoryMib}`;
  await vsctl(
    ...['--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true', `other_config:dpdk-extra="${eal}"`],
    ...[
      `other_config:pmd-cpu-mask=${mask(workload.workerCores)}`,
      `other_config:dpdk-lcore-mask=${mask([workload.housekeepingCore])}`,
      ...settings.map((setting) => `other_config:${setting}`),
    ],
    ...bridges.flatMap((name) => [
      ...['--', 'add-br', name, '--', 'set', 'Bridge', name, 'datapath_type=netdev', 'fail-mode=secure'],
    ]),
  );
  const vswitchd = startService(
    daemon,
    [`unix:${dir}/db.sock`, `--unixctl=${dir}/vswitchd.ctl`, `--pidfile=${dir}/vswitchd.pid`, '-vconsole:info'],
    { scope, env, ownNetwork: true },
  );
  for (const bridge of bridges) await until('ovs-vswitchd', vswitchd, () => succeeds(ofctl('show', management(bridge))));
  const appctl = (...args: string[]) => tool('ovs-appctl', '-t', `${dir}/vswitchd.ctl`, ...args);
  return { directory: dir, vswitchd, vsctl, ofctl, appctl, management };
}

/** Adds a port of DPDK's or another type, with its OpenFlow number. */
export async function addPort(
  { vsctl }: Ovs,
  port: { readonly bridge: string; readonly name: string; readonly number: number; readonly settings: readonly string[] },
): Promise<void> {
  await vsctl(
    ...['--timeout=60', 'add-port', port.bridge, port.name, '--', 'set', 'Interface', port.name],
    ...[`ofport_request=${port.number}`, ...port.settings],
  );
  const error = (await vsctl('get', 'Interface', port.name, 'error')).trim();
  if (error !== '[]') throw new Error(`Open vSwitch cannot use port ${port.name}, ${port.settings.join(' ')}: ${error}`);
}
