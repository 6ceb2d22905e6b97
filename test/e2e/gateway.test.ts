import test from 'ava';
import type { VswitchConfig } from '../../src/config/schema.js';
import { must, outcomeOf } from '../../src/lab/command.js';
import { inside, type LabHost } from '../../src/lab/plan.js';
import { totalDropsOf } from './support/drops.js';
import { labFor, labName } from './support/lab.js';
import { http, pings } from './support/stateful.js';

// What a router says, heard by kernels: nobody has a neighbour that it did not find itself.
const [gateway4, gateway6] = ['10.1.0.1', 'fd00:1::1'];
const [vm4, vm6, neighbour4, neighbour6] = ['10.1.0.11', 'fd00:1::11', '10.1.0.12', 'fd00:1::12'];
const narrow = 1400;

/** Tenant red with IPv6, too, and its second machine behind a narrow port. */
function narrowed(config: VswitchConfig): VswitchConfig {
  const red = config.tenants!['red']!;
  const { vm1, vm2 } = red.vms!;
  return {
    ...config,
    ports: { ...config.ports, 'red-gw2': { ...config.ports['red-gw2']!, mtu: narrow } },
    tenants: {
      ...config.tenants,
      red: {
        ...red,
        networks: [...red.networks!, { prefix: 'fd00:1::/64', gateway: gateway6 }],
        vms: {
          vm1: { ...vm1!, addresses: [...vm1!.addresses, vm6] },
          vm2: { ...vm2!, addresses: [...vm2!.addresses, neighbour6] },
        },
      },
    },
  };
}

const neighbours = (host: LabHost): Promise<string> => must(inside(host.namespace, 'ip', 'neigh', 'show', 'dev', 'eth0'));

test('a gateway is found, answers, and tells who sends what cannot go on', async (t) => {
  const { plan, api } = await labFor(t, labName('gateway'), narrowed);
  const [vm, neighbour] = plan.vms as [LabHost, LabHost];
  const { uplinkHost } = plan;

  for (const address of [gateway4, gateway6]) t.is((await pings(vm, address, '-c', '3', '-i', '0.2')).code, 0, `ping ${address}`);
  t.is((await pings(uplinkHost, '192.0.2.1', '-c', '2', '-i', '0.2')).code, 0);
  t.regex(await neighbours(vm), /10\.1\.0\.1 lladdr 02:00:00:01:00:01/);
  t.regex(await neighbours(vm), /fd00:1::1 lladdr 02:00:00:01:00:01 router/);

  t.regex((await pings(vm, neighbour4, '-c', '1', '-t', '1')).text, /From 10\.1\.0\.1 .*Time to live exceeded/);
  t.regex((await pings(vm, neighbour6, '-c', '1', '-t', '1')).text, /From fd00:1::1 .*Time exceeded: Hop limit/);
  t.regex((await pings(uplinkHost, vm4, '-c', '1', '-t', '1')).text, /From 192\.0\.2\.1 .*Time to live exceeded/);

  const large = String(1473 - 28);
  t.regex((await pings(vm, neighbour4, '-c', '1', '-M', 'do', '-s', large)).text, /From 10\.1\.0\.1 .*mtu = 1400/);
  t.regex((await pings(vm, neighbour6, '-c', '1', '-M', 'do', '-s', large)).text, /From fd00:1::1 .*mtu[ =]+1400/i);
  for (const address of [neighbour4, neighbour6])
    t.regex(await must(inside(vm.namespace, 'ip', 'route', 'get', address)), /mtu 1400/, `the kernel believes it of ${address}`);
  // What it then sends arrives, and what comes back by a link as narrow.
  await must(inside(neighbour.namespace, 'ip', 'link', 'set', 'eth0', 'mtu', String(narrow)));
  // (IPv4 fragments come by a packet socket as the whole that they are of.)
  t.is((await pings(vm, neighbour6, '-c', '2', '-s', large)).code, 0);

  const refused = await http(vm, `http://${gateway4}:8080/`, 5);
  t.is(refused.code, 7, refused.text);

  await must(inside(vm.namespace, 'ip', 'address', 'add', '10.1.0.77/32', 'dev', 'lo'));
  t.not(
    (await outcomeOf(inside(vm.namespace, 'ping', '-n', '-c', '2', '-i', '0.2', '-W', '1', '-I', '10.1.0.77', '192.0.2.2'))).code,
    0,
  );
  const drops = totalDropsOf(await api.usage());
  t.is(drops['spoofed_source'], 2);
  t.is(drops['ttl_expired'], 3);
  t.is(drops['mtu_exceeded'], 2);
  t.is(drops['no_service'], 1);
});
