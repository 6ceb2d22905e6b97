import type { PortConfig, VswitchConfig } from '../config/schema.js';
import type { SwitchEvent } from '../model/event.js';
import type { PortName } from '../model/ids.js';
import type { Topology } from '../model/topology.js';
import type { DataPlane } from '../switch/types.js';
import { repliesOf } from './gateways.js';
import { PortSet } from './port-set.js';

/**
 * The ports of a config, open.
 * @throws VswitchError PORT_FAILED, unless `onPortError` is `continue`.
 */
export async function openPorts(
  config: VswitchConfig,
  topology: Topology,
  dataPlane: DataPlane,
  onPortError: 'refuse' | 'continue',
  publish: (event: SwitchEvent) => void,
): Promise<PortSet> {
  const ports = new PortSet({
    dataPlane,
    slotOf: (role) => (role.kind === 'uplink' ? 0 : topology.tenantByName.get(role.tenant)?.slot),
    repliesOf: (role) => repliesOf(config, topology, role),
    publish,
  });
  await ports.openAll(new Map(Object.entries(config.ports) as [PortName, PortConfig][]), onPortError);
  return ports;
}
