import { resolveTopology } from '../config/resolve.js';
import type { VswitchConfig } from '../config/schema.js';
import { FlowTable } from '../flow/flow-table.js';
import { initialFlows } from '../flow/initial.js';
import { rulePort } from '../flow/installer.js';
import { withPorts } from '../flow/topology.js';
import type { FlowSet } from '../model/flow.js';
import { operator, tenantName, tenantOwner } from '../model/ids.js';
import type { Topology } from '../model/topology.js';
import { openPorts } from '../ports/open-ports.js';
import { topologyPort, type PortSet } from '../ports/port-set.js';
import { loadAddon } from '../switch/binding.js';
import { installLimits, switchOptions } from '../switch/options.js';
import { Switch } from '../switch/switch.js';
import type { DataPlane } from '../switch/types.js';
import type { Names } from './answer.js';
import { plainConfig, replayTenant, withoutDevices } from './configs.js';
import type { ReplayPorts } from './input.js';

/** Starts a data plane that has no workers and needs no hugepages. */
export type DataPlaneStart = (config: VswitchConfig) => Promise<DataPlane>;

export const startNative: DataPlaneStart = (config) => Switch.start(loadAddon(), { ...switchOptions(config), cores: [] });

export interface ReplaySetup {
  /** Names of ports, without a config. */
  readonly ports: readonly string[];
  /** What the flows may come to. */
  readonly maxRules: number;
  /** Checked; its devices stay untouched. */
  readonly config?: VswitchConfig | undefined;
}

/** A switch to try packets with. */
export interface ReplaySession {
  readonly dataPlane: DataPlane;
  readonly flows: FlowTable;
  readonly ports: ReplayPorts;
  readonly names: Names;
  /**
   * Makes these the flows, groups and meters: of the tenant there is, or with a config of the operator, beside the config's own tenants'.
   * @throws VswitchError FLOW_INVALID and the like with pointers into the set.
   */
  load(set: FlowSet): Promise<void>;
  close(): Promise<void>;
}

/** @throws VswitchError EAL_FAILED, NATIVE_MISSING; what the config's own flows get wrong. */
export async function openReplay(setup: ReplaySetup, start: DataPlaneStart = startNative): Promise<ReplaySession> {
  const config = setup.config ? withoutDevices(setup.config) : plainConfig(setup.ports, setup.maxRules);
  const owner = setup.config ? operator : tenantOwner(tenantName(replayTenant));
  const dataPlane = await start(config);
  try {
    const topology = resolveTopology(config);
    const ports = await openPorts(config, topology, dataPlane, 'refuse', () => undefined);
    const flows = await loadFlows(config, topology, dataPlane, ports);
    return {
      dataPlane,
      flows,
      ports: portsOf(flows),
      names: namesOf(flows),
      load: async (set) => {
        await flows.replace(owner, set);
      },
      close: () => dataPlane.close(),
    };
  } catch (error) {
    await dataPlane.close();
    throw error;
  }
}

async function loadFlows(config: VswitchConfig, planned: Topology, dataPlane: DataPlane, ports: PortSet): Promise<FlowTable> {
  const flows = new FlowTable({
    topology: withPorts(planned, ports.list().map(topologyPort)),
    limits: installLimits(config),
    ...rulePort(dataPlane, () => performance.now()),
  });
  await flows.load(initialFlows(config));
  return flows;
}

const portsOf = ({ topology }: FlowTable): ReplayPorts => ({
  names: topology.ports.map(({ name }) => name),
  find: (written) =>
    (typeof written === 'number' ? topology.portByNumber.get(written) : topology.portByName.get(String(written)))?.number,
});

const namesOf = (flows: FlowTable): Names => ({
  port: (number) => flows.topology.portByNumber.get(number)?.name ?? number,
  flow: (rule) => flows.ofRule(rule),
});
