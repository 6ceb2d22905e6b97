import { broadcast, marked } from '../support/frame.js';
import { macOf, outside, uplinkVlan, vlanOf, vms } from '../support/layout.js';
import { step } from '../support/step.js';

const [red1, red2, blue1] = [vms.red1, vms.red2, vms.blue1].map(({ vf }) => macOf(vf)) as [string, string, string];

step('no switch: each VF is alone in its IOMMU group', async (t, { guest, addresses }) => {
  const groups = await guest.shell(addresses.map((a) => `readlink -f /sys/bus/pci/devices/${a}/iommu_group`).join('\n'));
  t.is(new Set(groups.trim().split('\n')).size, addresses.length);
});

step('no switch: a broadcast stays inside its tenant', async (t, lab) => {
  const mark = lab.mark('broadcast');
  await lab.stations.red1.send(marked(broadcast, red1, mark), 5);
  await lab.stations.red2.until(mark, 5);
  t.is(await lab.allGot('blue1', mark), 0);
  // The next switch gets it too, in the tenant's VLAN, which ends there.
  const out = await lab.wire.until(mark, 5);
  t.true(out.every(({ vlans }) => vlans.length === 1 && vlans[0] === vlanOf.red));
});

step('no switch: no frame of a tenant reaches another, whatever it says', async (t, lab) => {
  const mark = lab.mark('crossing');
  const tags = [[], [0], [vlanOf.blue], [vlanOf.blue, vlanOf.blue], [vlanOf.red, vlanOf.blue], [uplinkVlan]];
  for (const vlans of tags) {
    for (const dst of [blue1, broadcast]) {
      await lab.stations.red1.send(marked(dst, red1, mark, vlans));
      await lab.stations.red1.send(marked(dst, blue1, mark, vlans));
      await lab.stations.red1.send(marked(dst, macOf(5), mark, vlans));
    }
  }
  t.is(await lab.allGot('blue1', mark), 0);
  // Whatever left by the wire bears the port VLAN outside the tags that the tenant made up.
  t.true(lab.wire.seen(mark).length > 0);
  t.true(lab.wire.seen(mark).every(({ vlans }) => vlans[0] === vlanOf.red));
});

step('no switch: the wire reaches a T VF only in its own VLAN', async (t, lab) => {
  const mark = lab.mark('from-wire');
  for (const vlans of [[], [vlanOf.blue], [uplinkVlan], [uplinkVlan, vlanOf.red]])
    lab.wire.inject(marked(red1, outside.mac, mark, vlans));
  t.is(await lab.allGot('red1', mark), 0);
});

step('no switch: nobody is reached', async (t, lab) => {
  t.deepEqual(await lab.reachedBeyondTheGateway(), { blue1: 0, wire: 0 });
});

/** What a real 82576 does with `spoofchk on`; should QEMU learn it, this says so. */
step('no switch: the emulated NIC does not check source addresses', async (t, lab) => {
  const mark = lab.mark('spoofed');
  await lab.stations.red1.send(marked(red2, '02:00:00:00:09:09', mark), 10);
  t.is(await lab.allGot('red2', mark), 10);
});
