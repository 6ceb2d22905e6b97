import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { HostPlan } from '../../../src/host/plan.js';
import type { Difference } from '../../../src/host/verify.js';
import { vswitch } from '../../support/command-line.js';
import { root } from '../../support/source-tree.js';

const level1 = join(root, 'config/mts-level1.config.ts');
const level2 = ['red', 'blue'].map((tenant) => join(root, `config/mts-level2-${tenant}.config.ts`));
const recorded = (name: string): string => join(root, 'test/fixtures/host', name);
const known = ['--pf', 'eth0', '--sysfs', recorded('device')];

const host = (...args: string[]) => vswitch('host', ...args);

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'vswitch-host-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test('the state that the plan’s script made on an igb is as planned', async (t) => {
  const { code, out } = await host('verify', level1, '--link', recorded('link.json'));
  t.is(out, 'eth0: 6 VFs are as planned');
  t.is(code, 0);
  t.is((await host('verify', level1, '--link', recorded('link.json'), '--max-tx-rate', '10')).code, 1);
});

test('what was changed on the igb by hand is found, and its commands are what makes it as planned again', async (t) => {
  const { code, out } = await host('verify', level1, '--link', recorded('link-changed.json'));
  t.is(code, 1);
  t.deepEqual(
    out.split('\n').map((line) => line.split('; ')[1]),
    [
      'ip link set eth0 vf 1 vlan 101',
      'ip link set eth0 vf 2 spoofchk on',
      'ip link set eth0 vf 3 mac 02:00:00:01:01:01',
      'ip link set eth0 vf 4 trust off',
      'ip link set eth0 vf 5 vlan 102',
      'ip link set eth0 vf 5 max_tx_rate 0',
    ],
  );
  const json = await host('verify', level1, '--link', recorded('link-changed.json'), '--json');
  t.is(json.code, 1);
  const { differences } = JSON.parse(json.out) as { differences: Difference[] };
  t.deepEqual(differences[0], {
    vf: 1,
    owner: 'Gw red-gw of mts-level1',
    property: 'vlan',
    planned: '101',
    found: '102',
    command: 'ip link set eth0 vf 1 vlan 101',
  });
});

test('before the script has run, the PF is down and every VF is missing', async (t) => {
  const { code, out } = await host('verify', ...level2, '--link', recorded('link-without-vfs.json'));
  t.is(code, 1);
  t.is(out.split('\n').length, 7);
});

test('the plan is a script; with --json what is in it; VFs that are not made yet have addresses', async (t) => {
  const script = await host('plan', ...level2, ...known);
  t.is(script.code, 0, script.err);
  t.true(script.out.startsWith('#!/bin/sh\n'));
  const plan = JSON.parse((await host('plan', ...level2, ...known, '--json')).out) as HostPlan;
  t.deepEqual(
    plan.vfs.map(({ vf, domain, address }) => [vf, domain, address]),
    [
      [0, 'mts-red', '0000:01:10.0'],
      [1, 'mts-blue', '0000:01:10.2'],
      [2, 'mts-red', '0000:01:10.4'],
      [3, 'mts-blue', '0000:01:10.6'],
      [4, 'red-vm1', '0000:01:11.0'],
      [5, 'blue-vm1', '0000:01:11.2'],
    ],
  );
});

test('--keep: a VF keeps its number when the configs come in another order', async (t) => {
  const path = join(folder(t), 'plan.json');
  writeFileSync(path, (await host('plan', ...level2, ...known, '--json')).out);
  const turned = [...level2].reverse();
  const numbers = async (...more: string[]) =>
    (JSON.parse((await host('plan', ...turned, ...known, '--json', ...more)).out) as HostPlan).vfs.map(({ id }) => id);
  t.is((await numbers())[0], 'mts-blue/inout');
  t.is((await numbers('--keep', path))[0], 'mts-red/inout');
});

test('--libvirt writes a file for each interface, which libvirt’s schema accepts', async (t) => {
  const directory = join(folder(t), 'interfaces');
  const { out } = await host('plan', level1, ...known, '--libvirt', directory);
  const files = readdirSync(directory).sort();
  t.deepEqual(files, [
    'blue-vm1.vf5.xml',
    'mts-level1.vf0.xml',
    'mts-level1.vf1.xml',
    'mts-level1.vf2.xml',
    'red-vm1.vf3.xml',
    'red-vm2.vf4.xml',
  ]);
  t.is(out.split('\n')[1], `virsh attach-device mts-level1 ${join(directory, 'mts-level1.vf1.xml')} --config`);
  const interfaces = files.map((file) => readFileSync(join(directory, file), 'utf8')).join('');
  const domain = `<domain type='kvm'><name>x</name><memory>1</memory><os><type>hvm</type></os><devices>${interfaces}</devices></domain>`;
  const judge = (xml: string) =>
    execFileSync('xmllint', ['--noout', '--relaxng', '/usr/share/libvirt/schemas/domain.rng', '-'], {
      input: xml,
      stdio: 'pipe',
    });
  t.notThrows(() => judge(domain));
  t.throws(() => judge(domain.replaceAll("tag id='101'", "tag id='4096'")));
});

test('without addresses there are no files, and the script looks them up', async (t) => {
  const { code, err } = await host('plan', level1, '--link', recorded('link.json'), '--libvirt', folder(t));
  t.is(code, 64);
  t.regex(err, /give --sysfs/);
  t.true((await host('plan', level1, '--link', recorded('link.json'))).out.includes('$(source_of 5)'));
});

test('a layout that cannot be says every reason, with its file', async (t) => {
  const { code, err } = await host('plan', level1, ...level2, ...known);
  t.is(code, 78);
  t.regex(err, /eth0 has at most 7 VFs \(sriov_totalvfs\), and 12 are asked for: 3 In\/Out, 4 Gw, 5 of tenants' VMs/);
  t.regex(err, /mts-level2-red\.config\.ts#\/tenants\/red\/networks\/0\/vlan: is the VLAN of tenant red of mts-level1, too/);
});

test('what cannot be read, and options out of range', async (t) => {
  for (const [code, ...args] of [
    [66, '--pf', 'nosuch0'],
    [66, '--link', '/nosuch.json'],
    [66, '--link', recorded('link.json'), '--pf', 'eth7'],
    [66, '--pf', 'a;reboot'],
    [66, '--sysfs', recorded('device')],
    [66, ...known, '--keep', recorded('link.json')],
    [64, ...known, '--uplink-vlan', '4095'],
    [64, ...known, '--max-tx-rate', '-1'],
  ] as const)
    t.is((await host('plan', level1, ...args)).code, code, args.join(' '));
  t.is((await host('verify', level1, ...known)).code, 64);
});
