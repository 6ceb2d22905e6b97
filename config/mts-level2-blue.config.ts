import { defineVswitch } from 'mts-vswitch';

/** MTS Level-2: a vswitch-VM for tenant blue alone; that of red is beside it, on the same PF. */
export default defineVswitch({
  name: 'mts-blue',
  workers: { cores: [1], idle: { mode: 'poll' } },
  ports: {
    inout: { type: 'pci', address: '0000:10:00.0', role: 'uplink', mac: '02:00:00:00:00:02' },
    gw: { type: 'pci', address: '0000:11:00.0', tenant: 'blue', mac: '02:00:00:02:00:01' },
  },
  uplink: { port: 'inout', addresses: ['192.0.2.2'], nextHopMac: '02:00:00:00:01:02' },
  tenants: {
    blue: {
      networks: [{ prefix: '10.2.0.0/24', gateway: '10.2.0.1', vlan: 102 }],
      vms: { vm1: { port: 'gw', mac: '02:00:00:02:01:01', addresses: ['10.2.0.11'] } },
    },
  },
});
