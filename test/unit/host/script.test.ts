import { execFileSync } from 'node:child_process';
import test from 'ava';
import { interfaceXml, pciAttributes } from '../../../src/host/libvirt.js';
import { scriptOf } from '../../../src/host/script.js';
import { plan, pf, switchConfig } from '../../support/host.js';

const config = switchConfig('one', 0, [{ n: 1, vms: 1 }]);
const at = (script: string, text: string): number => {
  const found = script.indexOf(text);
  if (found < 0) throw new Error(`the script lacks ${text}`);
  return found;
};

test('the order that igb wants: down, no drivers, VFs, their settings, up, vfio-pci', (t) => {
  const script = scriptOf(plan([config], { maxTxRate: 100 }));
  const steps = [
    'echo 0 >$device/sriov_drivers_autoprobe',
    'ip link set $pf down',
    'echo 3 >$device/sriov_numvfs',
    'ip link set enp1s0 vf 0 mac 02:00:00:00:00:01 vlan 3000 spoofchk on trust off',
    'ip link set enp1s0 vf 1 mac 02:00:00:01:01:00 vlan 101 spoofchk on trust off',
    'ip link set enp1s0 vf 2 mac 02:00:00:02:01:00 vlan 101 spoofchk on trust off',
    'ip link set enp1s0 vf 2 state auto',
    'ip link set $pf up',
    'ip link set enp1s0 vf 2 max_tx_rate 100',
    'driver_override',
    'drivers_probe',
    '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages',
    'attach t1-vm1 02:00:00:02:01:00',
  ].map((text) => at(script, text));
  t.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  t.false(script.includes('vf 1 max_tx_rate'));
});

test('hugepages are on the PF’s NUMA node', (t) => {
  const script = scriptOf(plan([config], { vmMemory: 2048 }, { ...pf, numaNode: 1 }));
  t.regex(script, /^pages=\/sys\/devices\/system\/node\/node1\/hugepages\/hugepages-2048kB\/nr_hugepages$/m);
  t.true(script.includes('-ge 1024'));
});

test('a shell understands it, whether the VFs’ addresses are known or not', (t) => {
  for (const of of [pf, { name: 'enp1s0' }])
    t.is(
      execFileSync('sh', ['-n'], {
        input: scriptOf(plan([config], { maxTxRate: 9, linkState: 'enable' }, of)),
        encoding: 'utf8',
      }),
      '',
    );
});

test('an interface has MAC address, source, one VLAN tag, and where the VM sees it', (t) => {
  const [inout] = plan([config]).vfs;
  t.is(
    interfaceXml(inout!, pciAttributes(inout!.address!)),
    `<interface type='hostdev' managed='no'>
  <mac address='02:00:00:00:00:01'/>
  <source>
    <address type='pci' domain='0x0000' bus='0x01' slot='0x10' function='0x0'/>
  </source>
  <vlan>
    <tag id='3000'/>
  </vlan>
  <address type='pci' domain='0x0000' bus='0x10' slot='0x00' function='0x0'/>
</interface>`,
  );
});

test('addresses that are not known are looked up when the script runs, by the VF’s link', (t) => {
  const script = scriptOf(plan([config], {}, { name: 'enp1s0' }));
  const start = at(script, 'source_of() {');
  const definition = script.slice(start, script.indexOf('\n}', start) + 2);
  const found = execFileSync('sh', {
    input: `readlink() { echo ../0000:3b:02.1; }\n${definition}\nsource_of 3`,
    encoding: 'utf8',
  });
  t.is(found.trim(), "domain='0x0000' bus='0x3b' slot='0x02' function='0x1'");
  t.true(script.includes("<address type='pci' $(source_of 2)/>"));
});
