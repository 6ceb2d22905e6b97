import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { timed } from '../measure/latency.js';
import { ensureInstalled } from '../support/install.js';
import { until } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { RuleSet, TrackingRunning, TrackingSubject, Wiring, Workload } from '../subject.js';
import { connections, prepareConntrack } from './ovs-conntrack.js';
import { parseRxPackets, parseTscHz, parseTxPackets } from './ovs-output.js';
import { addPort, daemon, schema, startOvs, type Ovs } from './ovs-process.js';
import { ovsFlows, ovsGroup, ovsMeter, type PortNumbers } from './ovs-rules.js';
import { settle } from './ovs-settle.js';
import { vdev } from './vdevs.js';

export const bridge = 'bench0';

/** Installs Debian's packages where they are missing. */
export const prepareOvs = (): Promise<void> =>
  ensureInstalled(
    [daemon, schema, '/usr/sbin/ovsdb-server', '/usr/bin/ovs-ofctl'],
    ['openvswitch-switch-dpdk', 'librte-net-pcap23', 'librte-net-null23'],
  );

/** Open vSwitch with its user-space datapath (Debian's openvswitch-switch-dpdk). */
const ovsWith = (name: string, settings: readonly string[]): TrackingSubject => ({
  name,
  hasRules: true,
  prepare: prepareOvs,
  start: (workload, wiring, scope) => start(workload, wiring, settings, scope),
});

export const ovsDpdk = ovsWith('ovs-dpdk', []);
/** With the signature match cache, which is off by default. */
export const ovsDpdkSmc = ovsWith('ovs-dpdk-smc', ['smc-enable=true']);

async function start(workload: Workload, wiring: Wiring, settings: readonly string[], scope: Scope): Promise<TrackingRunning> {
  const ovs = await startOvs(workload, [bridge], settings, scope);
  if (workload.rules.conntrack) await prepareConntrack(ovs, workload.rules.conntrack);
  const numbers = portNumbers(workload);
  const add = async (sources: boolean) => {
    for (const [i, port] of workload.ports.entries()) {
      if ((port.capture !== undefined) !== sources) continue;
      const devargs = `options:dpdk-devargs="${vdev(port, i, wiring, workload.workerCores.length)}"`;
      const settings = ['type=dpdk', devargs, ...queueSettings(workload.workerCores, sources)];
      await addPort(ovs, { bridge, name: port.name, number: i + 1, settings });
    }
  };
  // The sources come last: no packet is seen before there is a rule for it.
  await add(false);
  const installMs = await installRules(ovs, workload.rules, numbers);
  await add(true);
  let added = 0;
  const counted = new Set(workload.counted.map((name) => numbers.get(name)));
  return {
    pid: ovs.vswitchd.pid,
    installMs,
    sentPackets: async () => {
      const sent = parseTxPackets(await ovs.ofctl('dump-ports', ovs.management(bridge)));
      return [...sent].reduce((sum, [number, packets]) => (counted.has(number) ? sum + packets : sum), 0n);
    },
    tscHz: async () => parseTscHz(ovs.vswitchd.output()),
    settle: () => settle(ovs),
    connections: () => connections(ovs),
    receiveOnce: async (name, capture, frames) => {
      added += 1;
      const number = workload.ports.length + added;
      const devargs = `options:dpdk-devargs="net_pcap${number},rx_pcap=${capture}"`;
      await addPort(ovs, { bridge, name, number, settings: ['type=dpdk', devargs] });
      const received = async () => parseRxPackets(await ovs.ofctl('dump-ports', ovs.management(bridge))).get(number) ?? 0n;
      await until(name, ovs.vswitchd, async () => ((await received()) < frames ? undefined : true));
    },
  };
}

/** Of several workers each polls a queue of a source; left alone, Open vSwitch gives both to one of two. */
function queueSettings(cores: readonly number[], isSource: boolean): string[] {
  if (cores.length === 1) return [];
  const pollers = isSource ? cores : cores.slice(0, 1);
  const affinity = pollers.map((core, queue) => `${queue}:${core}`).join();
  return [`options:n_rxq=${pollers.length}`, `other_config:pmd-rxq-affinity="${affinity}"`];
}

export const portNumbers = ({ ports }: Pick<Workload, 'ports'>): PortNumbers =>
  new Map(ports.map(({ name }, i) => [name, i + 1]));

/** Meters, groups, then all flows in one bundle; the milliseconds of that. */
export async function installRules(ovs: Ovs, rules: RuleSet, numbers: PortNumbers): Promise<number> {
  const { flows, groups = [], meters = [] } = rules;
  const target = ovs.management(bridge);
  for (const meter of meters) await ovs.ofctl('-O', 'OpenFlow13', 'add-meter', target, ovsMeter(meter));
  for (const group of groups) await ovs.ofctl('-O', 'OpenFlow15', 'add-group', target, ovsGroup(group, numbers));
  const file = join(ovs.directory, 'flows.txt');
  await writeFile(file, flows.flatMap((flow) => ovsFlows(flow, numbers)).join('\n') + '\n');
  return timed(() => ovs.ofctl('-O', 'OpenFlow14', '--bundle', 'add-flows', target, file));
}
