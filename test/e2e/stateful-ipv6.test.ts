import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { VswitchConfig } from '../../src/config/schema.js';
import { must } from '../../src/lab/command.js';
import { inside, type LabHost } from '../../src/lab/plan.js';
import { startWebServers } from '../../src/lab/traffic.js';
import { parseIp, type IpAddress } from '../../src/model/address.js';
import { addFarHost, narrowMtu } from './support/far.js';
import { sendTooBig, tooBigsSeen } from './support/icmp6.js';
import { iperf } from './support/iperf.js';
import { labFor, labName } from './support/lab.js';
import { addFlows, denied, droppedBy, flowsOf, http, invalid, pings, tracking, type Site } from './support/stateful.js';

// Default deny both ways, in IPv6 and without NAT: what was asked for is answered, errors about it come through, and forged ones do not.
const [vmAddress, neighbourAddress, gateway] = ['fd00:1::11', 'fd00:1::12', 'fd00:1::1'];
const [switchAddress, routerAddress] = ['fd00:ff::1', 'fd00:ff::2'];
const [farGateway, far] = ['fd00:fa::1', 'fd00:fa::2'];

const flows = flowsOf(`
table=0,priority=100,ipv6,actions=ct(zone=6,table=1)
table=1,priority=400,cookie=${invalid},ct_state=+inv+trk,actions=drop
table=1,priority=300,ct_state=+est+trk,actions=goto_table:2
table=1,priority=300,ct_state=+rel+trk,actions=goto_table:2
table=1,priority=200,in_port=red-gw1,ct_state=+new+trk,tcp6,tp_dst=8080,actions=ct(commit,zone=6,table=2)
table=1,priority=200,in_port=red-gw1,ct_state=+new+trk,tcp6,tp_dst=5201,actions=ct(commit,zone=6,table=2)
table=1,priority=200,in_port=red-gw1,ct_state=+new+trk,icmp6,icmp_type=128,actions=ct(commit,zone=6,table=2)
table=1,priority=100,ct_state=+new+trk,tcp6,ipv6_dst=${vmAddress},tp_dst=8080,actions=ct(commit,zone=6,table=2)
table=1,priority=0,cookie=${denied},actions=drop
table=2,priority=200,ipv6,ipv6_dst=${vmAddress},actions=dec_ttl,mod_dl_dst:02:00:00:01:01:01,output:red-gw1
table=2,priority=200,ipv6,ipv6_dst=${neighbourAddress},actions=dec_ttl,mod_dl_dst:02:00:00:01:01:02,output:red-gw2
table=2,priority=100,ipv6,actions=dec_ttl,mod_dl_dst:02:00:00:00:01:02,output:uplink`);

const withIpv6 = (config: VswitchConfig): VswitchConfig => {
  const { vm1, vm2 } = config.tenants!['red']!.vms!;
  const vms = {
    vm1: { ...vm1!, addresses: [...vm1!.addresses, vmAddress] },
    vm2: { ...vm2!, addresses: [...vm2!.addresses, neighbourAddress] },
  };
  return tracking(config, { prefix: 'fd00:1::/64', gateway }, { vms });
};

const ip6 = (at: LabHost, ...argv: string[]): Promise<string> => must(inside(at.namespace, 'ip', '-6', ...argv));
const hostAt = (host: LabHost, address: string): LabHost => ({ ...host, addresses: [parseIp(address) as IpAddress] });

/** Addresses and routes of who is outside. Links to the switch have no link-local addresses to find each other by, but neighbours. */
async function addressOutside({ vm, neighbour, router, farHost }: Site): Promise<void> {
  for (const [at, address, device] of [
    [router, `${routerAddress}/64`, 'eth0'],
    [router, `${farGateway}/64`, 'far'],
    [router, 'fe80::1/64', 'far'],
    [farHost, `${far}/64`, 'eth0'],
  ] as const)
    await ip6(at, 'address', 'add', address, 'dev', device, 'nodad');
  await must(inside(router.namespace, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'));
  await ip6(router, 'neigh', 'add', switchAddress, 'lladdr', '02:00:00:00:00:01', 'dev', 'eth0', 'nud', 'permanent');
  await ip6(router, 'route', 'add', 'fd00:1::/64', 'via', switchAddress);
  await ip6(router, 'route', 'add', `${far}/128`, 'dev', 'far', 'mtu', 'lock', String(narrowMtu));
  await ip6(farHost, 'route', 'add', 'default', 'via', farGateway);
  for (const [host, mac] of [
    [vm, '02:00:00:01:00:01'],
    [neighbour, '02:00:00:01:00:02'],
  ] as const)
    await ip6(host, 'neigh', 'add', gateway, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent');
}

async function passes(t: ExecutionContext, { vm, farHost }: Site): Promise<void> {
  for (const [from, url] of [
    [vm, `http://[${far}]:8080/`],
    [farHost, `http://[${vmAddress}]:8080/`],
  ] as const) {
    const page = await http(from, url, 2);
    t.is(page.code, 0, page.text);
  }
  const pinged = await pings(vm, far, '-c', '3', '-i', '0.2');
  t.is(pinged.code, 0, pinged.text);
}

/** What the router says of packets comes to who sent them, and TCP goes on in smaller segments. */
async function errors(t: ExecutionContext, { vm, farHost }: Site): Promise<void> {
  const hop = await pings(vm, far, '-c', '1', '-t', '2');
  t.regex(hop.text, new RegExp(`From ${routerAddress}.*(Time exceeded|Hop limit)`));
  const large = await pings(vm, far, '-c', '2', '-i', '0.2', '-s', '1400', '-M', 'do');
  t.regex(large.text, new RegExp(`mtu ?[=:] ?${narrowMtu}`));
  const known = () => ip6(vm, 'route', 'get', far);
  await ip6(vm, 'route', 'flush', 'cache');
  t.notRegex(await known(), /mtu/);
  const { bitsPerSecond } = await iperf(vm, hostAt(farHost, far), 1);
  t.log(`iperf3: ${(bitsPerSecond / 1e6).toFixed(0)} Mbit/s`);
  t.regex(await known(), new RegExp(`mtu ${narrowMtu}`));
}

async function refusals(t: ExecutionContext, { lab, vm, neighbour, router, farHost }: Site): Promise<void> {
  const before = await droppedBy(lab, denied);
  const attempts = [
    http(farHost, `http://[${vmAddress}]:81/`, 2),
    http(router, `http://[${neighbourAddress}]:8080/`, 2),
    http(vm, `http://[${far}]:8081/`, 2),
    http(neighbour, `http://[${far}]:8080/`, 2),
    pings(farHost, vmAddress, '-c', '1'),
    pings(neighbour, far, '-c', '1'),
  ];
  const codes = (await Promise.all(attempts)).map(({ code }) => code);
  t.deepEqual(codes, [28, 28, 28, 28, 1, 1]);
  t.true((await droppedBy(lab, denied)) - before >= attempts.length);
}

/** Errors that nobody has reason to say: they are invalid, and come to nobody. One about a connection that there is does come. */
async function forgeries(t: ExecutionContext, { lab, vm, neighbour, router }: Site): Promise<void> {
  const port = 45_000;
  const page = await http(vm, `http://[${far}]:8080/`, 2, '--local-port', String(port));
  t.is(page.code, 0, page.text);
  const own = { src: [vmAddress, port], dst: [far, 8080], proto: 6 } as const;
  const seen = async () => [await tooBigsSeen(vm), await tooBigsSeen(neighbour)] as const;
  const [atVm, atNeighbour] = await seen();
  const before = await droppedBy(lab, invalid);
  await sendTooBig(router, vmAddress, narrowMtu, { ...own, src: [vmAddress, port + 1] });
  await sendTooBig(router, vmAddress, narrowMtu, { ...own, proto: 17 });
  await sendTooBig(router, vmAddress, narrowMtu, { ...own, dst: [routerAddress, 8080] });
  await sendTooBig(router, vmAddress, narrowMtu, { ...own, src: own.dst, dst: own.src });
  await sendTooBig(router, neighbourAddress, narrowMtu, own);
  for (let i = 0; i < 50 && (await droppedBy(lab, invalid)) - before < 5; i++) await sleep(100);
  t.is((await droppedBy(lab, invalid)) - before, 5, 'all five are invalid');
  t.deepEqual(await seen(), [atVm, atNeighbour], 'none came');
  await sendTooBig(router, vmAddress, narrowMtu, own);
  for (let i = 0; i < 50 && (await tooBigsSeen(vm)) === atVm; i++) await sleep(100);
  t.deepEqual(await seen(), [atVm + 1, atNeighbour], 'what is about a connection came');
}

test('IPv6: kernels talk through connections, and neither strangers nor forged errors get in', async (t) => {
  t.timeout(60_000);
  const lab = await labFor(t, labName('ct6'), withIpv6);
  const [vm, neighbour] = lab.plan.vms as [LabHost, LabHost];
  const farHost = await addFarHost(lab.plan, '192.0.2.1');
  const site: Site = { lab, vm, neighbour, router: lab.plan.uplinkHost, farHost };
  await addressOutside(site);
  await startWebServers([farHost]);
  await addFlows(lab, flows);
  await passes(t, site);
  await errors(t, site);
  t.is(await droppedBy(lab, invalid), 0, 'nothing of a connection is invalid');
  await refusals(t, site);
  await forgeries(t, site);
});
