import { macOf, outside, uplinkAddress, uplinkVlan, vms, vswitchVfs } from '../support/layout.js';
import { routesOutside } from '../support/nic.js';
import { step } from '../support/step.js';
import { hasGateway } from '../support/traffic.js';
import { configOf, Vswitch } from '../support/vswitch.js';
import { both } from './one-switch.js';

const { red1, blue1 } = vms;

/** The tenants' own; red's is ended by the next chapter. */
export let red: Vswitch, blue: Vswitch;

step('kill -9: with the switch gone nobody is reached', async (t, lab) => {
  t.is((await both.end('SIGKILL')).code, -9);
  t.deepEqual(await lab.reachedBeyondTheGateway(), { blue1: 0, wire: 0 });
});

step('a switch each: two processes start on the same VFs and two more', async (t, lab) => {
  const start = (tenant: 'red' | 'blue', core: number) =>
    Vswitch.start(lab.guest, lab.command, configOf(lab.addresses, tenant, core, tenant));
  [red, blue] = await Promise.all([start('red', 0), start('blue', 1)]);
  await routesOutside(lab.guest, uplinkAddress);
  t.like(await red.health(), { open: 2, failed: 0 });
  t.like(await blue.health(), { open: 2, failed: 0 });
});

step('a switch each: both chains of both tenants', async (t, lab) => {
  for (const vm of [red1, blue1]) {
    t.true(await lab.pings(vm.namespace, outside.address), 'egress');
    t.true(await lab.pings(outside.namespace, vm.address), 'ingress');
  }
  t.true(await hasGateway(lab, outside.namespace, uplinkAddress.blue, macOf(vswitchVfs.blue.uplink)));
});

step('a switch each: tenant to tenant goes through both, and by the wire', async (t, lab) => {
  const before = lab.wire.passed.fromNic;
  t.true(await lab.pings(red1.namespace, blue1.address));
  t.true(lab.wire.passed.fromNic >= before + 4);
});

step('a switch each: on the wire there is no address but those of In/Out VFs', (t, lab) => {
  t.deepEqual(lab.wire.sourcesIn(uplinkVlan).sort(), [macOf(vswitchVfs.red.uplink), macOf(vswitchVfs.blue.uplink)]);
  return Promise.resolve();
});
