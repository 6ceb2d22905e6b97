import type { VswitchConfig } from '../src/config/schema.js';
import { ctTimeouts } from '../src/model/conntrack.js';
import type { ConntrackSettings, Wiring, Workload, WorkPort } from './subject.js';

/** Room for rules that are added while it runs. */
const rulesBeside = 200_000;

type PortConfig = VswitchConfig['ports'][string];

/** The generated config: uplink ports, pure polling on one core, groups and meters. The flows follow by the API, which is timed. */
export function oursConfig(workload: Workload, wiring: Wiring, socket: string): VswitchConfig {
  const { flows, groups, meters, conntrack } = workload.rules;
  return {
    name: 'bench',
    workers: { cores: [...workload.workerCores], idle: { mode: 'poll' } },
    memory: { hugepages: 'require', mib: workload.memoryMib, mbufs: workload.frames + 32_768 },
    onPortError: 'refuse',
    ports: Object.fromEntries(workload.ports.map((port) => [port.name, portConfig(port, wiring, workload.workerCores.length)])),
    ...(groups === undefined ? {} : { groups: [...groups] }),
    ...(meters === undefined ? {} : { meters: [...meters] }),
    ...(conntrack === undefined ? {} : { conntrack: conntrackConfig(conntrack) }),
    limits: { rules: Math.min(2_000_000, flows.length + rulesBeside) },
    api: { socket },
  } as VswitchConfig;
}

const conntrackConfig = ({ entries, timeoutMs }: ConntrackSettings): VswitchConfig['conntrack'] => ({
  entries,
  ...(timeoutMs === undefined ? {} : { timeouts: Object.fromEntries(ctTimeouts.map((name) => [name, timeoutMs])) }),
});

function portConfig({ name, capture, memif }: WorkPort, wiring: Wiring, rxQueues: number): PortConfig {
  if (memif !== undefined) return { type: 'memif', role: 'uplink', socket: memif, mode: 'server' };
  if (wiring.kind === 'measure' && capture === undefined) return { type: 'null', role: 'uplink' };
  return {
    type: 'pcap',
    role: 'uplink',
    ...(capture === undefined ? {} : { rxFile: capture, infinite: true, rxQueues }),
    ...(wiring.kind === 'measure' ? {} : { txFile: wiring.sinkFile(name) }),
  };
}
