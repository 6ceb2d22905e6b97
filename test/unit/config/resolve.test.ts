import test from 'ava';
import { resolveTopology } from '../../../src/config/resolve.js';
import { initialFlows } from '../../../src/flow/initial.js';
import { formatIp, formatMac, formatPrefix } from '../../../src/model/address.js';
import { labConfig } from '../../support/topology.js';

const topology = resolveTopology(labConfig);

test('ports and slots are numbered in the order of the config', (t) => {
  t.deepEqual(
    topology.ports.map(({ number, name, role, open }) => [Number(number), String(name), role.kind, open]),
    [
      [1, 'up', 'uplink', false],
      [2, 'r1', 'gw', false],
      [3, 'r2', 'gw', false],
      [4, 'b1', 'gw', false],
    ],
  );
  t.deepEqual(
    topology.tenants.map(({ slot, name, maxFlows }) => [slot, String(name), maxFlows]),
    [
      [1, 'red', 4096],
      [2, 'blue', 4096],
    ],
  );
});

test('names become values', (t) => {
  const [red] = topology.tenants;
  t.deepEqual(
    red?.networks.map(({ prefix, gateway }) => [formatPrefix(prefix), formatIp(gateway)]),
    [
      ['10.1.0.0/24', '10.1.0.1'],
      ['fd00:1::/64', 'fd00:1::1'],
    ],
  );
  t.deepEqual(
    red?.vms.map(({ name, port, mac, addresses }) => [name, String(port), formatMac(mac), ...addresses.map(formatIp)]),
    [
      ['vm1', 'r1', '02:00:00:00:01:11', '10.1.0.11', 'fd00:1::11'],
      ['vm2', 'r2', '02:00:00:00:01:12', '10.1.0.12'],
      ['vm3', 'r1', '02:00:00:00:01:13', '10.1.0.13'],
    ],
  );
  t.is(formatMac(topology.uplink?.nextHopMac ?? 0n), '02:00:00:00:00:fe');
  t.is(formatMac(topology.portByName.get('r2')?.mac ?? 0n), '02:00:00:00:01:02');
});

test('flows of a config, each set with its place', (t) => {
  const flow = { match: { in_port: 'r1' }, actions: [] };
  const red = { ...labConfig.tenants.red, flows: [flow] };
  const { policy, flows } = initialFlows({ ...labConfig, flows: [flow, flow], tenants: { ...labConfig.tenants, red } });
  t.deepEqual(policy, []);
  t.deepEqual(
    flows.map(({ owner, set, pointer }) => [owner.kind, set.flows.length, pointer]),
    [
      ['operator', 2, ''],
      ['tenant', 1, '/tenants/red'],
      ['tenant', 0, '/tenants/blue'],
    ],
  );
});
