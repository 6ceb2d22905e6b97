import { availableParallelism } from 'node:os';
import { defineVswitch } from 'mts-vswitch';

/**
 * The lab's switch: an uplink, tenant red with two VMs, tenant blue with one. `vswitch lab` builds its namespaces from this file:
 * a namespace for each VM with the MAC and addresses given here, and an uplink host at the address after the switch's own.
 */
export default defineVswitch({
  name: 'mtslab',
  // Core 0 is left to everything else, where there is another.
  workers: { cores: [availableParallelism() > 1 ? 1 : 0] },
  ports: {
    uplink: { type: 'af_packet', interface: 'uplink', role: 'uplink', mac: '02:00:00:00:00:01' },
    'red-gw1': { type: 'af_packet', interface: 'red-gw1', tenant: 'red', mac: '02:00:00:01:00:01' },
    'red-gw2': { type: 'af_packet', interface: 'red-gw2', tenant: 'red', mac: '02:00:00:01:00:02' },
    'blue-gw1': { type: 'af_packet', interface: 'blue-gw1', tenant: 'blue', mac: '02:00:00:02:00:01' },
  },
  uplink: { port: 'uplink', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:01:02' },
  tenants: {
    red: {
      networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1' }],
      vms: {
        vm1: { port: 'red-gw1', mac: '02:00:00:01:01:01', addresses: ['10.1.0.11'] },
        vm2: { port: 'red-gw2', mac: '02:00:00:01:01:02', addresses: ['10.1.0.12'] },
      },
    },
    blue: {
      networks: [{ prefix: '10.2.0.0/24', gateway: '10.2.0.1' }],
      vms: { vm1: { port: 'blue-gw1', mac: '02:00:00:02:01:01', addresses: ['10.2.0.11'] } },
    },
  },
  // Without an entry here, a tenant's packets to another tenant are refused.
  policy: [],
  accounting: { ledger: { intervalS: 1 } },
  pricing: { currency: 'EUR', perGigacycleMicro: 2_000, perGibMicro: 20_000, perMillionPacketsMicro: 1_000 },
});
