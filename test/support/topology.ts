import { resolveTopology } from '../../src/config/resolve.js';
import type { VswitchConfig } from '../../src/config/schema.js';
import { withPorts, type Topology } from '../../src/flow/topology.js';

/** Two tenants as in the lab, with IPv6 for red's first VM and blue's, and red's third VM behind the port of its first. */
export const labConfig = {
  name: 'test',
  workers: { cores: [0] },
  ports: {
    up: { type: 'null', role: 'uplink', mac: '02:00:00:00:00:01' },
    r1: { type: 'null', tenant: 'red', mac: '02:00:00:00:01:01' },
    r2: { type: 'null', tenant: 'red', mac: '02:00:00:00:01:02' },
    b1: { type: 'null', tenant: 'blue', mac: '02:00:00:00:02:01' },
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
        vm2: { port: 'r2', mac: '02:00:00:00:01:12', addresses: ['10.1.0.12'] },
        vm3: { port: 'r1', mac: '02:00:00:00:01:13', addresses: ['10.1.0.13'] },
      },
    },
    blue: {
      networks: [
        { prefix: '10.2.0.0/24', gateway: '10.2.0.1' },
        { prefix: 'fd00:2::/64', gateway: 'fd00:2::1' },
      ],
      vms: { vm1: { port: 'b1', mac: '02:00:00:00:02:11', addresses: ['10.2.0.11', 'fd00:2::11'] } },
    },
  },
} as const satisfies VswitchConfig;

/** Its topology with these ports open; all of them where none is named. */
export function labTopology(config: VswitchConfig = labConfig, open?: readonly string[]): Topology {
  const planned = resolveTopology(config);
  return withPorts(
    planned,
    planned.ports.map((port) => ({ ...port, open: open?.includes(port.name) ?? true })),
  );
}
