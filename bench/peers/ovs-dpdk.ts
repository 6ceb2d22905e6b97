import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled } from '../support/install.js';
import { run, startService, until, type Service } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { RunningSubject, Subject, Wiring, Workload } from '../subject.js';
import { parseTscHz, parseTxPackets } from './ovs-output.js';
import { vdevs } from './vdevs.js';

const daemon = '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk';
const schema = '/usr/share/openvswitch/vswitch.ovsschema';
const bridge = 'bench0';
const sourcePort = 1;
const sinkPort = 2;

/** Open vSwitch with its user-space datapath (Debian's openvswitch-switch-dpdk), in a directory and network namespace of its own. */
export const ovsDpdk: Subject = {
  name: 'ovs-dpdk',
  rewritesByRule: true,
  prepare: () =>
    ensureInstalled(
      [daemon, schema, '/usr/sbin/ovsdb-server', '/usr/bin/ovs-ofctl'],
      ['openvswitch-switch-dpdk', 'librte-net-pcap23', 'librte-net-null23'],
    ),
  start,
};

const mask = (core: number): string => `0x${(1 << core).toString(16)}`;

async function start(workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject> {
  const dir = await mkdtemp(join(workload.directory, 'ovs-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const env = { OVS_RUNDIR: dir, OVS_LOGDIR: dir, OVS_DBDIR: dir, OVS_SYSCONFDIR: dir, RUNTIME_DIRECTORY: dir };
  const vsctl = (...args: string[]) => run('ovs-vsctl', [`--db=unix:${dir}/db.sock`, ...args], { ...process.env, ...env });
  const ofctl = (...args: string[]) => run('ovs-ofctl', args, { ...process.env, ...env });
  const management = `unix:${dir}/${bridge}.mgmt`;

  const database = await startDatabase(dir, env, scope);
  await until('ovsdb-server', database, () =>
    vsctl('--no-wait', 'init').then(
      () => true,
      () => undefined,
    ),
  );
  const eal = `--in-memory --no-pci --no-telemetry -m ${workload.memoryMib}`;
  await vsctl(
    ...['--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true', `other_config:dpdk-extra="${eal}"`],
    ...[
      `other_config:pmd-cpu-mask=${mask(workload.workerCore)}`,
      `other_config:dpdk-lcore-mask=${mask(workload.housekeepingCore)}`,
    ],
    ...['--', 'add-br', bridge, '--', 'set', 'Bridge', bridge, 'datapath_type=netdev', 'fail-mode=secure'],
  );
  const vswitchd = startService(
    daemon,
    [`unix:${dir}/db.sock`, `--unixctl=${dir}/vswitchd.ctl`, `--pidfile=${dir}/vswitchd.pid`, '-vconsole:info'],
    { scope, env, ownNetwork: true },
  );
  const { source, sink } = vdevs(workload, wiring);
  const addPort = async (name: string, number: number, devargs: string) => {
    await vsctl(
      ...['--timeout=30', 'add-port', bridge, name, '--', 'set', 'Interface', name, 'type=dpdk'],
      ...[`ofport_request=${number}`, `options:dpdk-devargs="${devargs}"`],
    );
    const error = (await vsctl('get', 'Interface', name, 'error')).trim();
    if (error !== '[]') throw new Error(`Open vSwitch cannot use port ${devargs}: ${error}`);
  };
  await until('ovs-vswitchd', vswitchd, () =>
    ofctl('show', management).then(
      () => true,
      () => undefined,
    ),
  );
  // The source comes last: no packet is seen before there is a rule for it.
  await addPort('sink', sinkPort, sink);
  await ofctl('add-flow', management, ovsFlow(workload));
  await addPort('source', sourcePort, source);
  return {
    pid: vswitchd.pid,
    sentPackets: async () => parseTxPackets(await ofctl('dump-ports', management, String(sinkPort))),
    tscHz: async () => parseTscHz(vswitchd.output()),
  };
}

async function startDatabase(dir: string, env: NodeJS.ProcessEnv, scope: Scope): Promise<Service> {
  await run('ovsdb-tool', ['create', `${dir}/conf.db`, schema]);
  return startService(
    'ovsdb-server',
    [`${dir}/conf.db`, `--remote=punix:${dir}/db.sock`, `--unixctl=${dir}/ovsdb.ctl`, `--pidfile=${dir}/ovsdb.pid`, '--no-chdir'],
    { scope, env },
  );
}

/** With `ipv4_dst` in it: a rule on `in_port` alone would take Open vSwitch's simple-match shortcut. */
const ovsFlow = ({ rule }: Workload): string =>
  `in_port=${sourcePort},ip,nw_dst=${rule.ipv4Dst},` +
  `actions=set_field:${rule.ethSrc}->eth_src,set_field:${rule.ethDst}->eth_dst,output:${sinkPort}`;
