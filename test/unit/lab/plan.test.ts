import test from 'ava';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { planLab } from '../../../src/lab/plan.js';
import { labConfig } from '../../../src/lab/switch-process.js';
import { VswitchError } from '../../../src/model/errors.js';

const config: VswitchConfig = {
  name: 'any',
  workers: { cores: [0] },
  ports: {
    up: { type: 'af_packet', interface: 'up0', role: 'uplink', mac: '02:00:00:00:00:01' },
    g1: { type: 'af_packet', interface: 'g1', tenant: 'red' },
    g2: { type: 'af_packet', interface: 'g2', tenant: 'blue' },
  },
  uplink: { port: 'up', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:01:02' },
  tenants: {
    red: {
      networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1' }],
      vms: { vm1: { port: 'g1', mac: '02:00:00:01:01:01', addresses: ['10.1.0.11'] } },
    },
    blue: {
      networks: [
        { prefix: '10.2.0.0/24', gateway: '10.2.0.1' },
        { prefix: '2001:db8:2::/64', gateway: '2001:db8:2::1' },
      ],
      vms: { db: { port: 'g2', mac: '02:00:00:02:01:01', addresses: ['10.2.0.5', '2001:db8:2::5'] } },
    },
  },
};
const lines = (name = 'lab'): string[] => planLab(config, name).commands.map((argv) => argv.join(' '));

test('a namespace for the switch, the uplink host and each VM, all of the name of the lab', (t) => {
  const { namespaces } = planLab(config, 'lab');
  t.deepEqual(namespaces, ['lab-vswitch', 'lab-uplink', 'lab-red-vm1', 'lab-blue-db']);
  const made = lines().flatMap((line) => /^ip netns add (\S+)/.exec(line)?.[1] ?? []);
  t.deepEqual([...made].sort(), [...namespaces].sort());
});

test('nothing is done outside of the namespaces', (t) => {
  for (const line of lines()) {
    t.regex(
      line,
      /^(ip netns add lab-|ip link add \S+ (address \S+ )?netns lab-vswitch .* netns lab-|nsenter --net=\/run\/netns\/lab-)/,
    );
  }
});

test('labs of different names have no namespace in common', (t) => {
  const one = planLab(config, 'a').namespaces;
  const other = new Set(planLab(config, 'ab').namespaces);
  t.true(one.every((namespace) => !other.has(namespace)));
});

test('a VM has the MAC and addresses of the config, and reaches even its network by the gateway', (t) => {
  const all = lines();
  t.true(
    all.some((line) => line.startsWith('ip link add g1 netns') && line.includes('address 02:00:00:01:01:01 netns lab-red-vm1')),
  );
  const at = 'nsenter --net=/run/netns/lab-red-vm1 -- ip -4';
  t.deepEqual(
    all.filter((line) => line.startsWith(at)),
    [
      `${at} address add 10.1.0.11/32 dev eth0`,
      `${at} route add 10.1.0.1 dev eth0`,
      `${at} route add default via 10.1.0.1 dev eth0`,
    ],
  );
});

test('IPv6 addresses are used at once, by their own gateway', (t) => {
  const at = 'nsenter --net=/run/netns/lab-blue-db -- ip -6';
  t.deepEqual(
    lines().filter((line) => line.startsWith(at)),
    [
      `${at} address add 2001:db8:2::5/128 dev eth0 nodad`,
      `${at} route add 2001:db8:2::1 dev eth0`,
      `${at} route add default via 2001:db8:2::1 dev eth0`,
    ],
  );
});

test("the uplink host is at the address after the switch's, and has a route to each tenant", (t) => {
  const at = 'nsenter --net=/run/netns/lab-uplink -- ip';
  const own = lines().filter((line) => line.startsWith(`${at} address`) || line.startsWith(`${at} route`));
  t.deepEqual(own, [
    `${at} address add 192.0.2.2/24 dev eth0`,
    `${at} route add 10.1.0.0/24 via 192.0.2.1`,
    `${at} route add 10.2.0.0/24 via 192.0.2.1`,
  ]);
});

test('ports that no namespace can stand for are all named', (t) => {
  const ports = { ...config.ports, g1: { type: 'null', tenant: 'red' }, g2: { type: 'ring', tenant: 'blue' } } as const;
  const error = t.throws(() => planLab({ ...config, ports }, 'lab'), { instanceOf: VswitchError });
  t.is(error.code, 'LAB_FAILED');
  t.deepEqual(
    error.faults.map(({ pointer, value }) => [pointer, value]),
    [
      ['/ports/g1/type', 'null'],
      ['/ports/g2/type', 'ring'],
    ],
  );
});

test('a lab needs an uplink', (t) => {
  const bare: VswitchConfig = { name: 'any', workers: { cores: [0] }, ports: {} };
  const error = t.throws(() => planLab(bare, 'lab'), { instanceOf: VswitchError });
  t.deepEqual(
    error.faults.map(({ pointer }) => pointer),
    ['/uplink'],
  );
});

test("a lab's switch has the lab's name and a socket of its own; TCP stays", (t) => {
  const tcp = { port: 8080, token: '0123456789abcdef' };
  const own = labConfig({ ...config, api: { socket: '/run/any.sock', tcp } }, 'lab2');
  t.is(own.name, 'lab2');
  t.deepEqual(own.api, { tcp });
  t.deepEqual(own.tenants, config.tenants);
});
