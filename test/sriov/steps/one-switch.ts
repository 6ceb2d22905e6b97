import { markedUdp } from '../support/frame.js';
import { macOf, outside, uplinkAddress, vlanOf, vms } from '../support/layout.js';
import { linksAre } from '../support/nic.js';
import { wireName } from '../support/qemu.js';
import { step } from '../support/step.js';
import { fetchPage, hasGateway, iperf, serve } from '../support/traffic.js';
import { until } from '../support/until.js';
import { configOf, Vswitch } from '../support/vswitch.js';

const { red1, red2, blue1 } = vms;
const gateway = macOf(1);

/** The one of this chapter; the next one kills it. */
export let both: Vswitch;

step('one switch for two tenants starts on VFs of the NIC', async (t, lab) => {
  both = await Vswitch.start(lab.guest, lab.command, configOf(lab.addresses, 'both', 1, 'red', 'blue'));
  t.like(await both.health(), { open: 3, failed: 0, linkDown: 0 });
});

step('one switch: ARP for a gateway and for the uplink is answered, and both chains carry pings', async (t, lab) => {
  t.true(await lab.pings(red1.namespace, outside.address), 'egress');
  t.true(await lab.pings(outside.namespace, blue1.address), 'ingress');
  t.true(await hasGateway(lab, red1.namespace, red1.gateway, gateway));
  t.true(await hasGateway(lab, outside.namespace, uplinkAddress.red, macOf(0)));
});

step('one switch: HTTP and TCP at full speed on both chains', async (t, lab) => {
  await Promise.all([serve(lab, blue1), serve(lab, outside)]);
  t.like(await fetchPage(lab, outside, blue1), { code: 0, err: '' }, 'ingress');
  t.like(await fetchPage(lab, red1, outside), { code: 0, err: '' }, 'egress');
  const { sent, received } = await iperf(lab, red1, outside);
  t.log(`iperf3 through the switch, one stream each way: ${sent} and ${received} Mbit/s`);
  t.true(sent > 1 && received > 1);
});

step('one switch: VMs of a tenant meet at the switch, two tenants where the policy says so', async (t, lab) => {
  const passed = { ...lab.wire.passed };
  t.true(await lab.pings(red1.namespace, red2.address), 'within the tenant');
  const mark = lab.mark('refused');
  await lab.stations.red1.send(markedUdp({ dst: gateway, src: macOf(red1.vf) }, red1.address, blue1.address, mark), 5);
  await until('the refusals were counted', async () => (await both.dropsOf('red')).policy_refused === 5);
  t.is(await lab.allGot('blue1', mark), 0, 'no policy');
  const policy = [
    { from: 'red', to: 'blue' },
    { from: 'blue', to: 'red' },
  ];
  await both.put('/v1/policy', { policy });
  t.true(await lab.pings(red1.namespace, blue1.address), 'by policy');
  await both.put('/v1/policy', { policy: [] });
  t.deepEqual(lab.wire.passed, passed, 'nothing of it went by the wire');
});

/** How many packets of tenant red were dropped for a reason since then. */
async function dropsSince(reason: string): Promise<() => Promise<number>> {
  const count = async (): Promise<number> => (await both.dropsOf('red'))[reason] ?? 0;
  const before = await count();
  return async () => (await count()) - before;
}

step('one switch: a foreign IP or MAC address is dropped and counted', async (t, lab) => {
  const mark = lab.mark('foreign');
  const spoofed = await dropsSince('spoofed_source');
  const own = await dropsSince('own_address');
  const link = { dst: gateway, src: macOf(red1.vf) };
  const foreign = [blue1.address, '203.0.113.9', uplinkAddress.red, red1.gateway];
  for (const from of foreign) await lab.stations.red1.send(markedUdp(link, from, outside.address, mark), 5);
  for (const src of [macOf(red2.vf), macOf(blue1.vf)])
    await lab.stations.red1.send(markedUdp({ ...link, src }, red1.address, outside.address, mark), 5);
  await lab.stations.red1.send(markedUdp({ ...link, src: gateway }, red1.address, outside.address, mark), 5);
  await until('all were counted', async () => (await spoofed()) === 30 && (await own()) === 5);
  t.is(lab.wire.seen(mark).length, 0);
  t.is(await lab.allGot('blue1', mark), 0);
});

step('one switch: a link that goes down and comes up again', async (t, lab) => {
  await lab.guest.monitor.setLink(wireName, false);
  await until('the switch saw the link go', async () => (await both.health()).linkDown === 3);
  await lab.guest.monitor.setLink(wireName, true);
  await until('the switch saw it come', async () => (await both.health()).linkDown === 0);
  await linksAre(lab.guest, 'up', red1, blue1);
  t.true(await lab.pings(red1.namespace, outside.address), 'egress');
  t.true(await lab.pings(outside.namespace, blue1.address), 'ingress');
});

step('one switch: a frame that a tenant has tagged itself is dropped and counted', async (t, lab) => {
  const mark = lab.mark('tagged');
  const tagged = await dropsSince('foreign_vlan');
  const link = { dst: gateway, src: macOf(red1.vf) };
  for (const vlan of [vlanOf.blue, vlanOf.red, 100])
    await lab.stations.red1.send(markedUdp(link, red1.address, outside.address, mark, [vlan]));
  await until('all were counted', async () => (await tagged()) === 3);
  t.is(lab.wire.seen(mark).length, 0);
});
