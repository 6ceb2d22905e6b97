import { broadcast, marked, markedUdp } from '../support/frame.js';
import { macOf, outside, uplinkVlan, vlanOf, vms, vswitchVfs } from '../support/layout.js';
import { bind, linksAre, vfIntoNamespace } from '../support/nic.js';
import { Station } from '../support/station.js';
import { step } from '../support/step.js';
import { blue, red } from './a-switch-each.js';

const { red1, blue1 } = vms;
const hostile = { inOut: { namespace: 'hostile-inout' }, gw: { namespace: 'hostile-gw' } };
let inOut: Station, gw: Station;

step("hostile vswitch-VM: red's ends, and its VFs send what they like", async (t, lab) => {
  t.is((await red.end('SIGTERM')).code, 0);
  const { uplink, gw: gateway } = vswitchVfs.red;
  const place = (vf: number, { namespace }: { namespace: string }): string =>
    bind(lab.addresses[vf]!, 'igbvf') + vfIntoNamespace(namespace, lab.addresses[vf]!);
  await lab.guest.shell(place(uplink, hostile.inOut) + place(gateway, hostile.gw));
  await linksAre(lab.guest, 'up', hostile.inOut, hostile.gw);
  [inOut, gw] = (await Promise.all([hostile.inOut, hostile.gw].map(({ namespace }) => Station.start(lab.guest, namespace)))) as [
    Station,
    Station,
  ];
});

step("hostile vswitch-VM: from neither VF a frame reaches another tenant's T VF", async (t, lab) => {
  const mark = lab.mark('hostile');
  const target = macOf(blue1.vf);
  const sources = [macOf(0), macOf(1), macOf(vswitchVfs.blue.gw), target];
  for (const station of [inOut, gw]) {
    for (const vlans of [[], [vlanOf.blue], [vlanOf.blue, vlanOf.blue], [uplinkVlan, vlanOf.blue]]) {
      for (const dst of [target, broadcast]) {
        for (const src of sources) await station.send(marked(dst, src, mark, vlans));
        await station.send(markedUdp({ dst, src: macOf(vswitchVfs.blue.gw) }, outside.address, blue1.address, mark, vlans));
      }
    }
  }
  t.is(await lab.allGot('blue1', mark), 0);
});

step("hostile vswitch-VM: its Gw VF reaches its own tenant, its In/Out VF another's switch as any host does", async (t, lab) => {
  const [own, mediated] = [lab.mark('own'), lab.mark('mediated')];
  await gw.send(marked(macOf(red1.vf), macOf(1), own), 3);
  await lab.stations.red1.until(own, 3);
  const link = { dst: macOf(vswitchVfs.blue.uplink), src: macOf(0) };
  await inOut.send(markedUdp(link, outside.address, blue1.address, mediated), 3);
  const got = await lab.stations.blue1.until(mediated, 3);
  t.true(got.every(({ src }) => src === macOf(vswitchVfs.blue.gw)));
});

step('hostile vswitch-VM: the other tenant goes on', async (t, lab) => {
  t.true(await lab.pings(blue1.namespace, outside.address));
  t.is((await blue.end('SIGTERM')).code, 0);
});
