import test, { type ExecutionContext } from 'ava';
import type { VswitchConfig } from '../../src/config/schema.js';
import { must } from '../../src/lab/command.js';
import { inside, type LabHost } from '../../src/lab/plan.js';
import { addFarHost, narrowMtu } from './support/far.js';
import { iperf } from './support/iperf.js';
import { labFor, labName } from './support/lab.js';
import { addFlows, denied, droppedBy, flowsOf, http, invalid, pings, tracking, type Site } from './support/stateful.js';
import { sayUdp, startUdpEcho } from './support/udp.js';
import { startWebServers } from '../../src/lab/traffic.js';

// Kernels talk through connections that are tracked and translated, by a router with a narrow link behind it. What nobody behind the
// switch asked for gets nowhere.
const outside = '198.51.100.1';
const service = '198.51.100.3';
const far = '203.0.113.2';

const out = 'in_port=red-gw1,ct_state=+new+trk';
const commit = `ct(commit,zone=9,nat(src=${outside}),table=2)`;
const flows = flowsOf(`
table=0,priority=100,ip,actions=ct(zone=9,nat,table=1)
table=1,priority=400,cookie=${invalid},ct_state=+inv+trk,actions=drop
table=1,priority=300,ct_state=+est+trk,actions=goto_table:2
table=1,priority=300,ct_state=+rel+trk,actions=goto_table:2
table=1,priority=200,${out},tcp,tp_dst=8080,actions=${commit}
table=1,priority=200,${out},tcp,tp_dst=5201,actions=${commit}
table=1,priority=200,${out},udp,actions=${commit}
table=1,priority=200,${out},icmp,actions=${commit}
table=1,priority=100,ct_state=+new+trk,tcp,nw_dst=${service},tp_dst=80,actions=ct(commit,zone=9,nat(dst=10.1.0.11:8080),table=2)
table=1,priority=0,cookie=${denied},actions=drop
table=2,priority=200,ip,nw_dst=10.1.0.11,actions=dec_ttl,mod_dl_dst:02:00:00:01:01:01,output:red-gw1
table=2,priority=200,ip,nw_dst=10.1.0.12,actions=dec_ttl,mod_dl_dst:02:00:00:01:01:02,output:red-gw2
table=2,priority=100,ip,actions=dec_ttl,mod_dl_dst:02:00:00:00:01:02,output:uplink`);

const stateful = (config: VswitchConfig): VswitchConfig =>
  tracking(config, { prefix: '198.51.100.0/29', gateway: '198.51.100.6' });

async function passes(t: ExecutionContext, { vm, farHost, neighbour }: Site): Promise<void> {
  const page = await http(vm, `http://${far}:8080/`, 5);
  t.is(page.code, 0, page.text);
  const pinged = await pings(vm, far, '-c', '3', '-i', '0.2');
  t.is(pinged.code, 0, pinged.text);
  t.is((await sayUdp(vm, [far, 7], 5000, { ms: 400 })).text, `${outside}:5000 hello\n`, 'who it is seems to be the gateway');
  const inwards = await http(farHost, `http://${service}/`, 5);
  t.is(inwards.code, 0, inwards.text);
  const hairpin = await http(neighbour, `http://${service}/`, 5);
  t.is(hairpin.code, 0, hairpin.text);
}

/** What routers and hosts say of packets comes to who sent them. */
async function errors(t: ExecutionContext, { vm }: Site): Promise<void> {
  // A TTL for the switch, and one for the router.
  const hop = await pings(vm, far, '-c', '1', '-t', '2');
  t.regex(hop.text, /From 192\.0\.2\.2 .*Time to live exceeded/);
  t.is((await sayUdp(vm, [far, 9], 5001, { ms: 2000, connected: true })).text, 'ECONNREFUSED\n');
  await must(inside(vm.namespace, 'ip', 'route', 'flush', 'cache'));
  const large = await pings(vm, far, '-c', '2', '-i', '0.2', '-s', '1400', '-M', 'do');
  t.regex(large.text, new RegExp(`mtu ?= ?${narrowMtu}`));
}

/** Path-MTU discovery of TCP both ways: what is sent goes on in smaller segments. */
async function narrow(t: ExecutionContext, { vm, farHost }: Site): Promise<void> {
  const flush = () => must(inside(vm.namespace, 'ip', 'route', 'flush', 'cache'));
  const known = () => must(inside(vm.namespace, 'ip', 'route', 'get', far));
  await flush();
  t.notRegex(await known(), /mtu/);
  const { bitsPerSecond } = await iperf(vm, farHost, 1);
  t.log(`iperf3 through NAT: ${(bitsPerSecond / 1e6).toFixed(0)} Mbit/s`);
  t.regex(await known(), new RegExp(`mtu ${narrowMtu}`));
  await flush();
  const inwards = await http(farHost, `http://${service}/`, 5);
  t.is(inwards.code, 0, inwards.text);
  t.regex(await known(), new RegExp(`mtu ${narrowMtu}`), 'an error about what the server sent came to it');
}

async function refusals(t: ExecutionContext, { lab, vm, neighbour, router, farHost }: Site): Promise<void> {
  const before = await droppedBy(lab, denied);
  const heard = sayUdp(vm, [far, 7], 5002, { ms: 1500 });
  const attempts = [
    http(farHost, `http://${service}:81/`, 1),
    http(router, 'http://10.1.0.11:8080/', 1),
    http(router, `http://${outside}:8080/`, 1),
    http(vm, `http://${far}:8081/`, 1),
    http(neighbour, `http://${far}:8080/`, 1),
    pings(farHost, service, '-c', '1'),
    // To the outside endpoint that the VM talks from, by somebody else.
    sayUdp(router, [outside, 5002], 6000, { ms: 1000 }),
  ];
  const outcomes = await Promise.all(attempts);
  t.deepEqual(
    outcomes.map(({ code }) => code),
    [28, 28, 28, 28, 28, 1, 0],
    JSON.stringify(outcomes),
  );
  t.is(outcomes.at(-1)?.text, '');
  t.is((await heard).text, `${outside}:5002 hello\n`, 'nobody else is heard');
  t.true((await droppedBy(lab, denied)) - before >= attempts.length);
}

test('kernels talk through connections and translations, and nothing else passes', async (t) => {
  t.timeout(60_000);
  const lab = await labFor(t, labName('ct'), stateful);
  const [vm, neighbour] = lab.plan.vms as [LabHost, LabHost];
  const farHost = await addFarHost(lab.plan, '192.0.2.1');
  await startWebServers([farHost]);
  startUdpEcho(farHost, 7);
  await addFlows(lab, flows);
  const site: Site = { lab, vm, neighbour, router: lab.plan.uplinkHost, farHost };
  await passes(t, site);
  await errors(t, site);
  await narrow(t, site);
  await refusals(t, site);
  t.is(await droppedBy(lab, invalid), 0, 'nothing of a connection is invalid');
});
