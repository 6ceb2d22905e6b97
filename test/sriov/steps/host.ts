import type { Ended } from '../support/guest-program.js';
import type { Lab } from '../support/lab.js';
import { uplinkVlan, vfs } from '../support/layout.js';
import { step } from '../support/step.js';
import { configOf, putConfig } from '../support/vswitch.js';

/** `vswitch host verify` of a switch each, in the guest. */
async function verify({ guest, command, addresses }: Lab, pf: string): Promise<Ended> {
  const files = [await putConfig(configOf(addresses, 'red', 0, 'red')), await putConfig(configOf(addresses, 'blue', 1, 'blue'))];
  const how = `${command} host verify ${files.join(' ')} --pf ${pf} --uplink-vlan ${uplinkVlan}`;
  return guest.run('sh', '-c', how);
}

step('no switch: `host verify` finds the NIC as the configs want it, and what somebody changed', async (t, lab) => {
  const pf = (await lab.guest.shell(`ls /sys/bus/pci/devices/${lab.addresses[0]}/physfn/net`)).trim();
  t.like(await verify(lab, pf), { code: 0, out: `${pf}: ${vfs.length} VFs are as planned\n` });
  await lab.guest.shell(`ip link set ${pf} vf 0 vlan 99`);
  const { code, out } = await verify(lab, pf);
  t.is(code, 1);
  const mend = `ip link set ${pf} vf 0 vlan ${uplinkVlan}`;
  t.is(out, `VF 0, In/Out uplink of red: vlan planned ${uplinkVlan}, found 99; ${mend}\n`);
  // What it says is what the next chapter's uplink needs.
  await lab.guest.shell(mend);
});
