import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { plan, pf, refusal, switchConfig, type TenantShape } from '../../support/host.js';

const level1 = switchConfig('one', 0, [
  { n: 1, vms: 2 },
  { n: 2, vms: 1 },
]);
const red = switchConfig('red', 0, [{ n: 1, vms: 1 }]);
const blue = switchConfig('blue', 1, [{ n: 2, vms: 1 }]);

/** The config with one thing changed. */
function edited(config: VswitchConfig, edit: (config: VswitchConfig) => void): VswitchConfig {
  const copy = structuredClone(config);
  edit(copy);
  return copy;
}

test('Level-1: the In/Out VF first, then the Gw VFs, then the tenants’ VMs; each tenant’s in its VLAN', (t) => {
  const { vfs, numVfs } = plan([level1]);
  t.is(numVfs, 6);
  t.deepEqual(
    vfs.map(({ vf, role, domain, port, vlan, address, guest }) => [vf, role, domain, port, vlan, address, guest]),
    [
      [0, 'uplink', 'one', 'inout', 3000, '0000:01:10.0', '0000:10:00.0'],
      [1, 'gw', 'one', 'gw1', 101, '0000:01:10.2', '0000:11:00.0'],
      [2, 'gw', 'one', 'gw2', 102, '0000:01:10.4', '0000:12:00.0'],
      [3, 'tenant', 't1-vm1', 'gw1', 101, '0000:01:10.6', undefined],
      [4, 'tenant', 't1-vm2', 'gw1', 101, '0000:01:11.0', undefined],
      [5, 'tenant', 't2-vm1', 'gw2', 102, '0000:01:11.2', undefined],
    ],
  );
  t.true(vfs.every(({ linkState, maxTxRate }) => linkState === 'auto' && maxTxRate === 0));
});

test('Level-2: a vswitch-VM for each tenant; guests may have the same addresses', (t) => {
  const { vfs, switches, hugepages } = plan([red, blue], { vmMemory: 2048 });
  t.deepEqual(
    vfs.map(({ role, domain, vlan }) => [role, domain, vlan]),
    [
      ['uplink', 'red', 3000],
      ['uplink', 'blue', 3000],
      ['gw', 'red', 101],
      ['gw', 'blue', 102],
      ['tenant', 't1-vm1', 101],
      ['tenant', 't2-vm1', 102],
    ],
  );
  t.deepEqual(switches, ['red', 'blue']);
  t.is(hugepages, 2048);
});

test('a limit is for tenants’ VMs alone; the link state is of all', (t) => {
  const { vfs } = plan([red], { maxTxRate: 1000, linkState: 'enable' });
  t.deepEqual(
    vfs.map(({ role, maxTxRate, linkState }) => [role, maxTxRate, linkState]),
    [
      ['uplink', 0, 'enable'],
      ['gw', 0, 'enable'],
      ['tenant', 1000, 'enable'],
    ],
  );
});

test('an address that is one of the PF’s VFs is that VF', (t) => {
  const config = edited(red, ({ ports }) => (ports['gw1'] = { ...ports['gw1']!, type: 'pci', address: '0000:01:12.2' }));
  const { vfs, numVfs } = plan([config]);
  t.deepEqual(
    vfs.map(({ vf, port, guest }) => [vf, port, guest]),
    [
      [0, 'inout', '0000:10:00.0'],
      [1, 'gw1', undefined],
      [9, 'gw1', undefined],
    ],
  );
  t.is(numVfs, 10);
});

test('what an earlier plan had keeps its number, and what is new gets a free one', (t) => {
  const before = new Map(plan([red, blue]).vfs.map(({ id, vf }) => [id, vf]));
  const more = switchConfig('red', 0, [
    { n: 1, vms: 3 },
    { n: 3, vms: 1 },
  ]);
  const after = plan([more, blue], {}, pf, before);
  for (const [id, vf] of before) t.is(after.vfs.find((one) => one.id === id)?.vf, vf, id);
  t.deepEqual(
    after.vfs.slice(6).map(({ id }) => id),
    ['red/gw3', 'red/t1/vm2', 'red/t1/vm3', 'red/t3/vm1'],
  );
});

const refusals: readonly {
  readonly what: string;
  readonly configs: readonly VswitchConfig[];
  readonly pointer: string;
  readonly message: RegExp;
  readonly options?: Parameters<typeof refusal>[1];
  readonly of?: typeof pf;
}[] = [
  {
    what: 'two tenants share a VLAN',
    configs: [edited(level1, ({ tenants }) => (tenants!['t2']!.networks![0]!.vlan = 101))],
    pointer: 'one.config.ts#/tenants/t2/networks/0/vlan',
    message: /VLAN of tenant t1 of one, too/,
  },
  {
    what: 'tenants of two switches share a VLAN',
    configs: [red, edited(blue, ({ tenants }) => (tenants!['t2']!.networks![0]!.vlan = 101))],
    pointer: 'blue.config.ts#/tenants/t2/networks/0/vlan',
    message: /VLAN of tenant t1 of red, too/,
  },
  {
    what: 'a tenant is in the uplink’s VLAN',
    configs: [red],
    options: { uplinkVlan: 101 },
    pointer: 'red.config.ts#/tenants/t1/networks/0/vlan',
    message: /VLAN of the In\/Out VFs/,
  },
  {
    what: 'a network has no VLAN',
    configs: [edited(red, ({ tenants }) => delete tenants!['t1']!.networks![0]!.vlan)],
    pointer: 'red.config.ts#/tenants/t1/networks/0/vlan',
    message: /is missing/,
  },
  {
    what: 'a Gw port is the way to two VLANs',
    configs: [
      edited(red, ({ tenants }) => {
        tenants!['t1']!.networks!.push({ prefix: '2001:db8::/64', gateway: '2001:db8::1', vlan: 201 });
        tenants!['t1']!.vms!['vm1']!.addresses.push('2001:db8::11');
      }),
    ],
    pointer: 'red.config.ts#/ports/gw1',
    message: /VLANs 101 and 201/,
  },
  {
    what: 'a Gw port’s tenant has no network',
    configs: [edited(red, ({ tenants }) => (tenants!['t1'] = {}))],
    pointer: 'red.config.ts#/ports/gw1',
    message: /no network/,
  },
  {
    what: 'two Gw ports are in one VLAN',
    configs: [
      edited(red, ({ ports }) => {
        ports['gw9'] = { type: 'pci', address: '0000:20:00.0', tenant: 't1', mac: '02:00:00:09:00:01' };
      }),
    ],
    pointer: 'red.config.ts#/ports/gw9',
    message: /VLAN 101 has the Gw port gw1 already/,
  },
  {
    what: 'two configs have a MAC address in common',
    configs: [red, edited(blue, ({ tenants }) => (tenants!['t2']!.vms!['vm1']!.mac = red.ports['inout']!.mac!))],
    pointer: 'blue.config.ts#/tenants/t2/vms/vm1/mac',
    message: /red.config.ts#\/ports\/inout\/mac already/,
  },
  {
    what: 'a VF has the PF’s MAC address',
    configs: [edited(red, ({ ports }) => (ports['inout']!.mac = '02:00:00:00:00:F0'))],
    pointer: 'red.config.ts#/ports/inout/mac',
    message: /of enp1s0 itself/,
  },
  {
    what: 'a port has no MAC address',
    configs: [edited(red, ({ ports }) => delete ports['gw1']!.mac)],
    pointer: 'red.config.ts#/ports/gw1/mac',
    message: /is missing/,
  },
  {
    what: 'two configs name the same VF',
    configs: [red, blue].map((config) =>
      edited(config, ({ ports }) => (ports['inout'] = { ...ports['inout']!, type: 'pci', address: '0000:01:10.6' })),
    ),
    pointer: 'blue.config.ts#/ports/inout/address',
    message: /VF 3 of enp1s0 is one port’s/,
  },
  {
    what: 'an address is neither a VF nor one that libvirt gives',
    configs: [edited(red, ({ ports }) => (ports['gw1'] = { ...ports['gw1']!, type: 'pci', address: '0000:3b:02.1' }))],
    pointer: 'red.config.ts#/ports/gw1/address',
    message: /is no VF of enp1s0/,
  },
  {
    what: 'the PF has too few VFs',
    configs: [level1],
    of: { ...pf, totalVfs: 5 },
    pointer: 'one.config.ts#/tenants/t2/vms/vm1',
    message: /at most 5 VFs .*6 are asked for: 1 In\/Out, 2 Gw, 3 of tenants' VMs/,
  },
  {
    what: 'two configs have one name',
    configs: [red, { ...blue, name: 'red' }],
    pointer: 'red.config.ts#/name',
    message: /one VM/,
  },
  {
    what: 'a tenant’s VM has the name of a switch',
    configs: [red, { ...blue, name: 't1-vm1' }],
    pointer: 't1-vm1.config.ts#/name',
    message: /one VM/,
  },
  {
    what: 'two switches have one address',
    configs: [red, edited(blue, ({ uplink }) => (uplink!.addresses = ['192.0.2.1']))],
    pointer: 'blue.config.ts#/uplink/addresses/0',
    message: /one switch’s/,
  },
  {
    what: 'a port is no VF',
    configs: [
      edited(red, ({ ports }) => (ports['gw1'] = { type: 'af_packet', interface: 'x', tenant: 't1', mac: '02:00:00:09:00:01' })),
    ],
    pointer: 'red.config.ts#/ports/gw1/type',
    message: /af_packet is no VF/,
  },
  {
    what: 'packets need more memory than the VM has',
    configs: [edited(red, (config) => (config.memory = { mib: 2048 }))],
    pointer: 'red.config.ts#/memory/mib',
    message: /no 2048 MiB for packets/,
  },
];
for (const { what, configs, pointer, message, options, of } of refusals)
  test(`refused: ${what}`, (t) => {
    const faults = refusal(configs, options, of);
    const fault = faults.find((one) => one.pointer === pointer);
    t.truthy(fault, JSON.stringify(faults, undefined, 1));
    t.regex(fault?.message ?? '', message);
    t.true((fault?.remedy ?? '').length > 10);
    t.is(faults.length, 1, JSON.stringify(faults, undefined, 1));
  });

test('refused: a domain of more interfaces than libvirt takes, each with a Gw port', (t) => {
  const many = structuredClone(red);
  for (let n = 2; n <= 201; n++) {
    const hex = n.toString(16).padStart(2, '0');
    many.ports[`gw${n}`] = { type: 'pci', address: `0000:${hex}:00.0`, tenant: `t${n}`, mac: `02:00:00:01:${hex}:00` };
    many.tenants![`t${n}`] = { networks: [{ prefix: `10.${n}.0.0/24`, gateway: `10.${n}.0.1`, vlan: 100 + n }] };
  }
  const faults = refusal([many], {}, { name: 'enp1s0' });
  t.deepEqual(
    faults.map(({ pointer, value }) => [pointer, value]),
    [['red.config.ts#/ports/gw200', 202]],
  );
});

test('a port of any type has a VF where that is asked for', (t) => {
  const config = edited(red, ({ ports }) => {
    ports['gw1'] = { type: 'af_packet', interface: 'x', tenant: 't1', mac: '02:00:00:09:00:01' };
  });
  const { vfs } = plan([config], { anyType: true });
  t.deepEqual(vfs.map(({ port, mac }) => [port, mac])[1], ['gw1', '02:00:00:09:00:01']);
});

/** Tenants by number, each on one of up to three switches. */
const shapes: fc.Arbitrary<TenantShape[][]> = fc
  .uniqueArray(fc.record({ n: fc.integer({ min: 1, max: 40 }), vms: fc.integer({ min: 0, max: 3 }), on: fc.nat(2) }), {
    selector: ({ n }) => n,
    maxLength: 10,
  })
  .map((all) => [0, 1, 2].map((on) => all.filter((one) => one.on === on)));

testProp(
  'no two VFs share a number, a MAC address or a PCI address; a VLAN is one tenant’s or the uplink’s',
  [shapes],
  (t, all) => {
    const { vfs } = plan(all.map((tenants, i) => switchConfig(`s${i}`, i, tenants)));
    for (const key of ['vf', 'mac', 'address', 'id'] as const) t.is(new Set(vfs.map((vf) => vf[key])).size, vfs.length);
    const owners = new Map<number, Set<string | undefined>>();
    for (const { vlan, tenant } of vfs) owners.set(vlan, (owners.get(vlan) ?? new Set()).add(tenant));
    t.true([...owners.values()].every(({ size }) => size === 1));
    for (const { tenant, vlan } of vfs) t.is(vlan, tenant === undefined ? 3000 : 100 + Number(tenant.slice(1)));
    t.is(vfs.length, 3 + all.flat().reduce((sum, { vms }) => sum + 1 + vms, 0));
  },
);
