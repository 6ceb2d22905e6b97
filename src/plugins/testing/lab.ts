import { resolveTopology } from '../../config/resolve.js';
import type { VswitchConfig } from '../../config/schema.js';
import { withPorts, type Topology } from '../../model/topology.js';

/** Tenant `red` with two VMs behind two ports, and an uplink; every port is open. */
export const labConfig = {
  name: 'plugin-test',
  workers: { cores: [0] },
  ports: {
    up: { type: 'null', role: 'uplink', mac: '02:00:00:00:00:01' },
    r1: { type: 'null', tenant: 'red', mac: '02:00:00:00:01:01' },
    r2: { type: 'null', tenant: 'red', mac: '02:00:00:00:01:02' },
  },
  uplink: { port: 'up', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:00:fe' },
  tenants: {
    red: {
      networks: [
        { prefix: '10.1.0.0/24', gateway: '10.1.0.1' },
        { prefix: 'fd00:1::/64', gateway: 'fd00:1::1' },
      ],
      vms: {
        vm1: { port: 'r1', mac: '02:00:00:00:01:11', addresses: ['10.1.0.11', 'fd00:1::11'] },
        vm2: { port: 'r2', mac: '02:00:00:00:01:12', addresses: ['10.1.0.12', 'fd00:1::12'] },
      },
    },
  },
} as const satisfies VswitchConfig;

export function openTopology(config: VswitchConfig): Topology {
  const planned = resolveTopology(config);
  return withPorts(
    planned,
    planned.ports.map((port) => ({ ...port, open: true })),
  );
}
