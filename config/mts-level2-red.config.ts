import { defineVswitch } from 'mts-vswitch';

/** MTS Level-2: a vswitch-VM for tenant red alone; that of blue is beside it, on the same PF. */
export default defineVswitch({
  name: 'mts-red',
  workers: { cores: [1], idle: { mode: 'poll' } },
  ports: {
    inout: { type: 'pci', address: '0000:10:00.0', role: 'uplink', mac: '02:00:00:00:00:01' },
    gw: { type: 'pci', address: '0000:11:00.0', tenant: 'red', mac: '02:00:00:01:00:01' },
  },
  uplink: { port: 'inout', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:01:02' },
  tenants: {
    red: {
      networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1', vlan: 101 }],
      vms: { vm1: { port: 'gw', mac: '02:00:00:01:01:01', addresses: ['10.1.0.11'] } },
    },
  },
});
