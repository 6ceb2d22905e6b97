import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { Link, VfInfo } from '../../../src/host/pf.js';
import { differenceLine, differences } from '../../../src/host/verify.js';
import { plan, stateOf, switchConfig } from '../../support/host.js';

const one = plan(
  [
    switchConfig('one', 0, [
      { n: 1, vms: 2 },
      { n: 2, vms: 1 },
    ]),
  ],
  { maxTxRate: 500 },
);
const state = stateOf(one);

/** The state with one VF's properties changed. */
const changed = (number: number, change: Partial<VfInfo>): Link => ({
  ...state,
  vfinfo_list: (state.vfinfo_list ?? []).map((info) => (info.vf === number ? { ...info, ...change } : info)),
});

const lines = (link: Link): string[] => differences(one, link).map((difference) => differenceLine('enp1s0', difference));

test('what the plan made does not differ from it', (t) => {
  t.deepEqual(differences(one, state), []);
});

/** Every property of a VF, changed alone: what is found, and what mends it. */
const changes: readonly (readonly [property: string, change: Partial<VfInfo>, line: string])[] = [
  [
    'mac',
    { address: '02:00:00:00:99:99' },
    'mac planned 02:00:00:01:01:00, found 02:00:00:00:99:99; ip link set enp1s0 vf 1 mac 02:00:00:01:01:00',
  ],
  ['vlan', { vlan_list: [{ vlan: 102 }] }, 'vlan planned 101, found 102; ip link set enp1s0 vf 1 vlan 101'],
  ['vlan', { vlan_list: [{}] }, 'vlan planned 101, found none; ip link set enp1s0 vf 1 vlan 101'],
  ['vlan', { vlan_list: [{ vlan: 101, qos: 3 }] }, 'vlan planned 101, found 101 qos 3; ip link set enp1s0 vf 1 vlan 101'],
  [
    'vlan',
    { vlan_list: [{ vlan: 101, protocol: '802.1ad' }] },
    'vlan planned 101, found 101 802.1ad; ip link set enp1s0 vf 1 vlan 101',
  ],
  ['vlan', { vlan_list: [{ vlan: 101 }, { vlan: 7 }] }, 'vlan planned 101, found 101 and 7; ip link set enp1s0 vf 1 vlan 101'],
  ['spoofchk', { spoofchk: false }, 'spoofchk planned on, found off; ip link set enp1s0 vf 1 spoofchk on'],
  ['trust', { trust: true }, 'trust planned off, found on; ip link set enp1s0 vf 1 trust off'],
  ['link_state', { link_state: 'disable' }, 'link_state planned auto, found disable; ip link set enp1s0 vf 1 state auto'],
  [
    'max_tx_rate',
    { rate: { max_tx: 100, min_tx: 0 } },
    'max_tx_rate planned 0, found 100; ip link set enp1s0 vf 1 max_tx_rate 0',
  ],
];
for (const [property, change, line] of changes)
  test(`found, named, and what mends it: ${property} ${JSON.stringify(change)}`, (t) => {
    t.deepEqual(lines(changed(1, change)), [`VF 1, Gw gw1 of one: ${line}`]);
  });

test('a driver that does not tell of spoofchk differs, one that knows no trust does not', (t) => {
  const link: Link = {
    ...state,
    vfinfo_list: state.vfinfo_list!.map(({ spoofchk: _, trust: __, ...info }) => info),
  };
  t.is(lines(link).length, 6);
  t.regex(lines(link)[3] ?? '', /^VF 3, of VM t1-vm1: spoofchk planned on, found not told by the driver; /);
});

test('VFs that are missing or too many, and a PF that is down', (t) => {
  const vfs = state.vfinfo_list!;
  t.regex(
    lines({ ...state, vfinfo_list: vfs.slice(0, 5) }).join('\n'),
    /^VF 5, of VM t2-vm1: vf planned there, found missing; echo 0 .*$/,
  );
  t.is(
    lines({ ifname: 'enp1s0' })[5],
    'VF 5, of VM t2-vm1: vf planned there, found missing; run what `vswitch host plan` prints',
  );
  t.regex(lines({ ...state, vfinfo_list: [...vfs, { vf: 6 }] }).join('\n'), /^VF 6: vf planned none, found there; echo 0 .*$/);
  t.deepEqual(lines({ ...state, flags: ['BROADCAST'] }), ['enp1s0: state planned up, found down; ip link set enp1s0 up']);
});

test('the words of iproute2 before 5.0: `mac` for `address`, the VLAN without a list', (t) => {
  const vfs = state.vfinfo_list!.map(({ address, vlan_list: list, ...info }) => ({
    ...info,
    mac: address!,
    vlan: list![0]!.vlan!,
  }));
  t.deepEqual(lines({ ...state, vfinfo_list: vfs }), []);
  t.is(lines({ ...state, vfinfo_list: vfs.map((info) => (info.vf === 3 ? { ...info, vlan: 0 } : info)) }).length, 1);
});

const change: fc.Arbitrary<Partial<VfInfo>> = fc.oneof(
  fc.integer({ min: 3, max: 255 }).map((n) => ({ address: `02:00:00:00:77:${n.toString(16).padStart(2, '0')}` })),
  fc.integer({ min: 103, max: 2999 }).map((vlan) => ({ vlan_list: [{ vlan }] })),
  fc.constant({ spoofchk: false }),
  fc.constant({ trust: true }),
  fc.constantFrom('enable', 'disable').map((link_state) => ({ link_state })),
  fc.integer({ min: 501, max: 9999 }).map((max_tx) => ({ rate: { max_tx, min_tx: 0 } })),
);
testProp(
  'any number of changes are as many differences, each of the VF that was changed',
  [fc.array(change, { minLength: 6, maxLength: 6 }), fc.nat(63)],
  (t, all, mask) => {
    const link: Link = {
      ...state,
      vfinfo_list: state.vfinfo_list!.map((info, i) => ((mask >> i) & 1 ? { ...info, ...all[i] } : info)),
    };
    t.deepEqual(
      differences(one, link).map(({ vf }) => vf),
      [0, 1, 2, 3, 4, 5].filter((i) => (mask >> i) & 1),
    );
  },
);
