import { defineVswitch } from 'mts-vswitch';

/**
 * MTS Level-1: one vswitch-VM for two tenants. An In/Out VF and a Gw VF for each tenant, in the tenant's VLAN; addresses are those that the
 * VFs have in the VM. `vswitch host plan` says what the host has to be told.
 */
export default defineVswitch({
  name: 'mts-level1',
  workers: { cores: [1], idle: { mode: 'poll' } },
  ports: {
    inout: { type: 'pci', address: '0000:10:00.0', role: 'uplink', mac: '02:00:00:00:00:01' },
    'red-gw': { type: 'pci', address: '0000:11:00.0', tenant: 'red', mac: '02:00:00:01:00:01' },
    'blue-gw': { type: 'pci', address: '0000:12:00.0', tenant: 'blue', mac: '02:00:00:02:00:01' },
  },
  uplink: { port: 'inout', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:01:02' },
  tenants: {
    red: {
      networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1', vlan: 101 }],
      vms: {
        vm1: { port: 'red-gw', mac: '02:00:00:01:01:01', addresses: ['10.1.0.11'] },
        vm2: { port: 'red-gw', mac: '02:00:00:01:01:02', addresses: ['10.1.0.12'] },
      },
    },
    blue: {
      networks: [{ prefix: '10.2.0.0/24', gateway: '10.2.0.1', vlan: 102 }],
      vms: { vm1: { port: 'blue-gw', mac: '02:00:00:02:01:01', addresses: ['10.2.0.11'] } },
    },
  },
});
