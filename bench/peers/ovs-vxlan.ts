import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds, until } from '../support/process.js';
import type { Scope } from '../support/scope.js';
import type { RunningSubject, Subject, Wiring, Workload } from '../subject.js';
import { bridge, prepareOvs } from './ovs-dpdk.js';
import { parseTscHz, parseTxPackets } from './ovs-output.js';
import { addPort, startOvs } from './ovs-process.js';
import { settle } from './ovs-settle.js';
import { vdev } from './vdevs.js';

/** The ends of the tunnel: this switch's, and the other one's. */
export interface Tunnel {
  readonly vni: number;
  readonly localMac: string;
  readonly remoteMac: string;
  readonly localIp: string;
  readonly remoteIp: string;
}

/** How Open vSwitch is told: OpenFlow has no tunnel headers, it sends to and receives from a port that is the tunnel. */
export interface TunnelRules {
  /** Of a bridge that has the tunnel as port 9. */
  readonly overlay: readonly string[];
  /** Of the bridge that the tunnel's packets leave and come by. */
  readonly underlay: readonly string[];
  /** Which ports of the workload are the underlay's. */
  readonly underlayPorts: readonly string[];
}

export const tunnelPort = 9;
const underlay = 'phy0';
const prefixLength = 24;

/** Open vSwitch with a VXLAN port of its user-space datapath ("native tunneling"). */
export const ovsVxlan = (tunnel: Tunnel, rules: TunnelRules): Subject => ({
  name: 'ovs-dpdk',
  hasRules: true,
  prepare: prepareOvs,
  start: (workload, wiring, scope) => start(tunnel, rules, workload, wiring, scope),
});

async function start(
  tunnel: Tunnel,
  rules: TunnelRules,
  workload: Workload,
  wiring: Wiring,
  scope: Scope,
): Promise<RunningSubject> {
  const ovs = await startOvs(workload, [bridge, underlay], [], scope);
  const bridgeOf = (port: string): string => (rules.underlayPorts.includes(port) ? underlay : bridge);
  const add = async (sources: boolean) => {
    for (const [i, port] of workload.ports.entries())
      if ((port.capture !== undefined) === sources)
        await addPort(ovs, {
          bridge: bridgeOf(port.name),
          name: port.name,
          number: i + 1,
          settings: ['type=dpdk', `options:dpdk-devargs="${vdev(port, i, wiring)}"`],
        });
  };
  await add(false);
  await ovs.vsctl('set', 'Bridge', underlay, `other-config:hwaddr=${tunnel.localMac}`);
  // Its addresses and routes are those of its own network namespace.
  const ip = (...args: string[]) => run('nsenter', ['--net', `--target=${ovs.vswitchd.pid}`, '--', 'ip', ...args]);
  await ip('address', 'add', `${tunnel.localIp}/${prefixLength}`, 'dev', underlay);
  await ip('link', 'set', underlay, 'up');
  // It hears of the address a little later.
  await until('ovs-vswitchd', ovs.vswitchd, () =>
    succeeds(ovs.appctl('ovs/route/add', `${tunnel.remoteIp}/${prefixLength}`, underlay)),
  );
  await ovs.appctl('tnl/neigh/set', underlay, tunnel.remoteIp, tunnel.remoteMac);
  const options = [`remote_ip=${tunnel.remoteIp}`, `local_ip=${tunnel.localIp}`, 'key=flow'].map((o) => `options:${o}`);
  await addPort(ovs, { bridge, name: 'vxlan0', number: tunnelPort, settings: ['type=vxlan', ...options] });
  for (const [name, lines] of [
    [bridge, rules.overlay],
    [underlay, rules.underlay],
  ] as const) {
    const file = join(ovs.directory, `${name}.txt`);
    await writeFile(file, lines.join('\n') + '\n');
    await ovs.ofctl('-O', 'OpenFlow14', '--bundle', 'add-flows', ovs.management(name), file);
  }
  await add(true);
  return {
    pid: ovs.vswitchd.pid,
    installMs: 0, // two rules
    sentPackets: async () => {
      let sum = 0n;
      for (const name of workload.counted) {
        const number = workload.ports.findIndex((port) => port.name === name) + 1;
        const sent = parseTxPackets(await ovs.ofctl('dump-ports', ovs.management(bridgeOf(name))));
        sum += sent.get(number) ?? 0n;
      }
      return sum;
    },
    tscHz: async () => parseTscHz(ovs.vswitchd.output()),
    settle: () => settle(ovs),
  };
}
