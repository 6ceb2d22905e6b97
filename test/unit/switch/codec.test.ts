import { fc, testProp } from '@fast-check/ava';
import { noNat } from '../../../src/flow/syntax/conntrack-text.js';
import test from 'ava';
import { parseFlow } from '../../../src/flow/syntax/text.js';
import { encodeTransaction } from '../../../src/switch/codec.js';
import type { RuleTransaction } from '../../../src/switch/types.js';
import { actionNames, type Action } from '../../../src/model/action.js';
import { dropReasons } from '../../../src/model/drop.js';
import { portNumber } from '../../../src/model/ids.js';
import { fieldOf, type FieldMatch, type FieldName } from '../../../src/model/match.js';
import { decodeTransaction, decodeWritten } from '../../support/decode-transaction.js';
import { flowText, oddTopology } from '../../support/flow-arbitrary.js';

const nothing: RuleTransaction = {
  remove: [],
  add: [],
  steer: [],
  putGroups: [],
  removeGroups: [],
  putMeters: [],
  removeMeters: [],
};
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** Hex without the spaces and line ends that make it readable. */
const hex = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');
const encoded = (part: Partial<RuleTransaction>): string => hexOf(encodeTransaction({ ...nothing, ...part }));
const header = (operations: string): string => `4d545331 ${operations}000000`;
const zeros = (bytes: number): string => '00'.repeat(bytes);

const rule = (fields: readonly (readonly [FieldName, FieldMatch])[], actions: readonly Action[]) => ({
  id: 7,
  slot: 2,
  rank: 0x18000,
  table: 3,
  match: new Map(fields),
  actions,
});
const ruleHead = (fields: string, actions: string): string =>
  `02000000 07000000 02000000 00800100 03000000 ${fields}00 ${actions}00`;

test('no change at all', (t) => {
  t.is(encoded({}), hex(header('00')));
});

test('removals', (t) => {
  const remove = [
    { id: 5, slot: 1, table: 9 },
    { id: 6, slot: 'steering', table: 0 },
  ] as const;
  t.is(
    encoded({ remove, removeGroups: [4], removeMeters: [8] }),
    hex(
      header('04'),
      '01000000 05000000 01000000 09000000',
      '01000000 06000000 ffff0000 00000000',
      '05000000 04000000',
      '07000000 08000000',
    ),
  );
});

test('a field by its mask, and one by its range', (t) => {
  const number = (name: FieldName): string => fieldOf(name).number.toString(16).padStart(2, '0');
  t.is(
    encoded({
      add: [
        rule(
          [
            ['ipv6_dst', { value: 0xfd00n << 112n, mask: 0xffffn << 112n }],
            ['tcp_dst', { value: 1000n, mask: 0xffffn, high: 2000n }],
          ],
          [],
        ),
      ],
    }),
    hex(
      header('01'),
      ruleHead('02', '00'),
      `${number('ipv6_dst')}00 0000 00000000 ${zeros(14)}00fd ${zeros(14)}ffff`,
      `${number('tcp_dst')}00 0100 00000000 e803${zeros(14)} d007${zeros(14)}`,
    ),
  );
});

test('a steering rule has table 0 and no actions', (t) => {
  const steer = [{ id: 1, rank: 2, slot: 3, match: new Map() }];
  t.is(encoded({ steer }), hex(header('01'), '03000000 01000000 03000000 02000000 00000000 0000 0000'));
});

const mac = 0x020000000001n;
const number = (type: Action['type']): string => actionNames.indexOf(type).toString(16).padStart(2, '0') + '00';
const u16 = (value: number): string => hexOf(Uint8Array.of(value & 0xff, value >> 8));
const plain = (type: Action['type'], argument = '0000', value = zeros(16)): string =>
  `${number(type)} ${argument} 00000000 ${value}`;

const vxlan: Action = {
  type: 'encap',
  tunnel: 'vxlan',
  vni: 0x123456,
  ethSrc: mac,
  ethDst: mac + 1n,
  family: 4,
  src: 0xc0000201n,
  dst: 0xc0000202n,
  udpDst: 4789,
  ttl: 64,
  dscp: 'inherit',
  checksum: false,
};
const geneve: Action = {
  ...vxlan,
  tunnel: 'geneve',
  vni: 'tunnel_id',
  family: 6,
  src: 0x20010db8n << 96n,
  dst: (0x20010db8n << 96n) | 1n,
  udpDst: 6081,
  dscp: 46,
  checksum: true,
};
const macs = '020000000002 020000000001';

const track: Action = {
  type: 'conntrack',
  zone: 5,
  commit: false,
  mark: 0n,
  markMask: 0n,
  label: 0n,
  labelMask: 0n,
  ...noNat,
};

const cases: readonly (readonly [action: Action, bytes: string])[] = [
  [{ type: 'output', port: portNumber(9) }, plain('output', '0900')],
  [{ type: 'output', port: 'in_port' }, plain('output', 'f8ff')],
  [{ type: 'output', port: 'flood' }, plain('output', 'fbff')],
  [{ type: 'drop', reason: 'policy_refused' }, plain('drop', u16(dropReasons.indexOf('policy_refused')))],
  [
    { type: 'set_field', field: 'ipv4_dst', value: 0x0a000000n, mask: 0xff000000n },
    `${number('set_field')} ${u16(fieldOf('ipv4_dst').number)} 10000000 0000000a${zeros(12)} 000000ff${zeros(12)}`,
  ],
  [{ type: 'dec_ttl' }, plain('dec_ttl')],
  [{ type: 'arp_reply', mac }, plain('arp_reply', '0000', `010000000002${zeros(10)}`)],
  [{ type: 'nd_reply', mac }, plain('nd_reply', '0000', `010000000002${zeros(10)}`)],
  [{ type: 'icmp_reply' }, plain('icmp_reply')],
  [{ type: 'punt', handler: 7 }, plain('punt', '0700')],
  [{ type: 'resubmit', table: 0 }, plain('resubmit')],
  [{ type: 'resubmit', table: 3 }, plain('resubmit', '0300')],
  [{ type: 'push_vlan', ethertype: 0x88a8 }, plain('push_vlan', 'a888')],
  [{ type: 'pop_vlan' }, plain('pop_vlan')],
  [{ type: 'group', group: 0x1234 }, plain('group', '0000', `3412${zeros(14)}`)],
  [{ type: 'meter', meter: 5 }, plain('meter', '0000', `05${zeros(15)}`)],
  [{ type: 'mirror', port: portNumber(3), oneIn: 1000, maxBytes: 128 }, plain('mirror', '0300', `e8030000 80000000 ${zeros(8)}`)],
  [
    vxlan,
    `${number('encap')} 0000 40000000 ${zeros(16)} 56341200 b512 40 ff 04 00 ${macs} ${zeros(10)} c0000201${zeros(12)} c0000202${zeros(12)}`,
  ],
  [
    geneve,
    `${number('encap')} 0100 40000000 ${zeros(16)} ffffffff c117 40 2e 06 01 ${macs} ${zeros(10)} 20010db8${zeros(12)} 20010db8${zeros(11)}01`,
  ],
  [
    { type: 'decap', tunnel: 'geneve', vnis: [1, 2, 0xabcdef] },
    `${number('decap')} 0100 0c000000 03${zeros(15)} 01000000 02000000 efcdab00 00000000`,
  ],
  [{ type: 'goto_table', table: 63 }, plain('goto_table', '3f00')],
  [{ type: 'write_metadata', value: 0x10n, mask: 0xf0n }, plain('write_metadata', '0000', `10${zeros(7)}f0${zeros(7)}`)],
  [
    { type: 'write_actions', actions: [{ type: 'pop_vlan' }, { type: 'decap', tunnel: 'vxlan', vnis: [1] }] },
    `${number('write_actions')} 0200 38000000 ${zeros(16)} ${plain('pop_vlan')} ${number('decap')} 0000 04000000 01${zeros(15)} 01000000 00000000`,
  ],
  [{ type: 'clear_actions' }, plain('clear_actions')],
  [
    track,
    `${number('conntrack')} 0000 58000000 ${zeros(16)} 0500 00 00 ${zeros(4)} ${zeros(4)} 0000 0000 ${zeros(4)} 00 ${zeros(3)} ${zeros(64)}`,
  ],
  [
    {
      ...track,
      commit: true,
      mark: 0x12n,
      markMask: 0xffn,
      label: 1n << 120n,
      labelMask: 0xffn << 120n,
      nat: 'src',
      family: 4,
      low: 0xc0000201n,
      high: 0xc0000209n,
      portLow: 1024,
      portHigh: 65535,
      random: true,
      persistent: true,
      portBlock: 512,
    },
    `${number('conntrack')} 0000 58000000 ${zeros(16)} 0500 37 04 12000000 ff000000 0004 ffff 00020000 00 ${zeros(3)} 01${zeros(15)} ff${zeros(15)} c0000201${zeros(12)} c0000209${zeros(12)}`,
  ],
  [
    { ...track, commit: true, nat: 'dst', family: 6, low: 0xfdn << 120n, high: 0xfdn << 120n, prefixBits: 64 },
    `${number('conntrack')} 0000 58000000 ${zeros(16)} 0500 0b 06 ${zeros(4)} ${zeros(4)} 0000 0000 ${zeros(4)} 40 ${zeros(3)} ${zeros(32)} fd${zeros(15)} fd${zeros(15)}`,
  ],
];
for (const [action, bytes] of cases) {
  const name = JSON.stringify(action, (_, value: unknown) => (typeof value === 'bigint' ? value.toString(16) : value));
  test(`action ${name}`, (t) => t.is(encoded({ add: [rule([], [action])] }), hex(header('01'), ruleHead('00', '01'), bytes)));
}

test('every action has its case', (t) => {
  t.deepEqual([...new Set(cases.map(([{ type }]) => type))].sort(), [...actionNames].sort());
});

test('a group', (t) => {
  const buckets = [
    { weight: 3, watchPort: portNumber(4), watchGroup: undefined, actions: [{ type: 'pop_vlan' } as const] },
    { weight: 1, watchPort: undefined, watchGroup: 6, actions: [] },
  ];
  t.is(
    encoded({ putGroups: [{ number: 2, group: { type: 'select', hash: 'symmetric', buckets } }] }),
    hex(
      header('01'),
      '04000000 02000000 01 01 0200',
      `03000000 04000000 ffffffff 0100 0000 ${plain('pop_vlan')}`,
      '01000000 00000000 06000000 0000 0000',
    ),
  );
});

test('a meter', (t) => {
  const meter = {
    kind: 'trtcm',
    unit: 'pktps',
    cir: 1n,
    cbs: 2n,
    secondRate: 3n,
    secondBurst: 1n << 40n,
    yellow: { verdict: 'dscp_remark', dscp: 8 },
    red: { verdict: 'drop', dscp: 0 },
  } as const;
  t.is(
    encoded({ putMeters: [{ number: 9, meter }] }),
    hex(
      header('01'),
      '06000000 09000000 01 01 02 08 01 00 0000',
      '0100000000000000 0200000000000000 0300000000000000 0000000000010000',
    ),
  );
});

test('a large transaction comes whole, and its reader finds all of it', (t) => {
  const actions = cases.map(([action]) => action);
  const add = Array.from({ length: 500 }, (_, id) => ({ ...rule([['in_port', { value: 1n, mask: 0xffffn }]], actions), id }));
  const wire = decodeTransaction(encodeTransaction({ ...nothing, add, removeGroups: [1] }));
  t.deepEqual(
    wire.add.map(({ id }) => id),
    add.map(({ id }) => id),
  );
  t.deepEqual(wire.removeGroups, [1]);
  t.true(wire.add.every((one) => one.actions.every(({ type }, i) => type === actions[i]?.type)));
  const written = wire.add[0]?.actions.find(({ type }) => type === 'write_actions');
  t.deepEqual(written && decodeWritten(written).map(({ type }) => type), ['pop_vlan', 'decap']);
});

testProp(
  'rules of a transaction are as each by itself, whatever they share',
  [fc.array(flowText, { minLength: 1 })],
  (t, texts) => {
    const flows = texts.flatMap((text) => parseFlow(text, oddTopology, '', []) ?? []);
    // Twice each, so that lists and shapes come again, next to each other and later.
    const add = [...flows, ...flows.flatMap((flow) => [flow, flow])].map(({ match, actions }, id) => ({
      ...rule([], actions),
      id,
      match,
    }));
    const wire = decodeTransaction(encodeTransaction({ ...nothing, add }));
    const alone = add.map((one) => {
      const copy = { ...one, match: new Map(one.match), actions: [...one.actions] };
      return decodeTransaction(encodeTransaction({ ...nothing, add: [copy] })).add[0];
    });
    t.deepEqual(wire.add, alone);
  },
);

testProp('a field is written with its value and mask', [flowText], (t, text) => {
  const match = parseFlow(text, oddTopology, '', [])?.match ?? new Map<FieldName, FieldMatch>();
  const [wire] = decodeTransaction(encodeTransaction({ ...nothing, add: [{ ...rule([], []), match }] })).add;
  t.deepEqual(
    wire?.fields,
    [...match].map(([name, { value, mask, high }]) => ({ name, range: high !== undefined, value, mask: high ?? mask })),
  );
});
