import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { actionSchema } from '../../../../src/config/schema.js';
import { schemaFaults } from '../../../../src/config/schema-faults.js';
import { formatActions } from '../../../../src/flow/syntax/action-format.js';
import { parseActions, parseBucketActions } from '../../../../src/flow/syntax/action-text.js';
import { nothingKnown } from '../../../../src/flow/syntax/known.js';
import { formatMatch, parseMatch } from '../../../../src/flow/syntax/match-text.js';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import type { ActionText, ConntrackText, NatText } from '../../../../src/model/action.js';
import type { Fault } from '../../../../src/model/errors.js';
import { makeTopology } from '../../../../src/model/topology.js';

const topology = makeTopology([], [], undefined);

function read(...texts: readonly ActionText[]): { readonly shown: readonly ActionText[]; readonly faults: readonly Fault[] } {
  const faults: Fault[] = texts.flatMap((text) => schemaFaults(actionSchema, text));
  const actions = parseActions(texts, nothingKnown, 0, topology, '', faults);
  return { shown: formatActions(actions, topology), faults };
}

const same: readonly Omit<ConntrackText, 'type'>[] = [
  {},
  { zone: 5 },
  { commit: true, mark: 7 },
  { commit: true, mark: '0x1/0xff', label: '0x10000000000000000/0xff0000000000000000' },
  { commit: true, label: '0xffffffffffffffffffffffffffffffff' },
  { nat: {} },
  { commit: true, nat: {} },
  { commit: true, nat: { src: '192.0.2.1' } },
  { commit: true, nat: { src: '192.0.2.1-192.0.2.9', ports: '1024-2047', random: true, persistent: true, portBlock: 64 } },
  { commit: true, nat: { src: '192.0.2.0/24' } },
  { commit: true, nat: { dst: '2001:db8::1-2001:db8::9', ports: 80 } },
  { commit: true, nat: { dst: '2001:db8::/64' } },
  { commit: true, nat: { dst: '192.0.2.1-192.0.2.2', persistent: true } },
];
for (const text of same) {
  test(`conntrack is shown as it is written: ${JSON.stringify(text)}`, (t) => {
    const action: ActionText = { type: 'conntrack', ...text };
    t.deepEqual(read(action), { shown: [action], faults: [] });
  });
}

test('what has its default is left out, and other forms become the plain one', (t) => {
  const written: ConntrackText = {
    type: 'conntrack',
    zone: 0,
    commit: true,
    mark: '0x5',
    nat: { src: '192.0.2.1/32', ports: '99-99', random: false },
  };
  t.deepEqual(read(written).shown, [{ type: 'conntrack', commit: true, mark: 5, nat: { src: '192.0.2.1', ports: 99 } }]);
  t.deepEqual(read({ type: 'conntrack', commit: false, nat: {} }).shown, [{ type: 'conntrack', nat: {} }]);
});

test('a table is a goto_table', (t) => {
  t.deepEqual(read({ type: 'conntrack', zone: 1, table: 3 }, { type: 'dec_ttl' }), {
    shown: [{ type: 'conntrack', zone: 1 }, { type: 'dec_ttl' }, { type: 'goto_table', table: 3 }],
    faults: [],
  });
});

const bad: readonly (readonly [actions: readonly ActionText[], pointer: string, says: RegExp])[] = [
  [[{ type: 'conntrack', mark: 1 }], '/0/mark', /only a commit keeps it.*"commit": true/],
  [[{ type: 'conntrack', label: 1 }], '/0/label', /only a commit keeps it/],
  [[{ type: 'conntrack', nat: { src: '192.0.2.1' } }], '/0/nat/src', /only a commit keeps it/],
  [[{ type: 'conntrack', commit: true, mark: '0x1ffffffff' }], '/0/mark', /0xffffffff/],
  [[{ type: 'conntrack', commit: true, mark: '3/1' }], '/0/mark', /mask does not cover/],
  [[{ type: 'conntrack', commit: true, mark: '0/0' }], '/0/mark', /leave it out/],
  [[{ type: 'conntrack', commit: true, label: '1/2/3' }], '/0/label', /value\/mask/],
  [[{ type: 'conntrack', nat: { ports: 80 } }], '/0/nat/ports', /give src or dst/],
  [[{ type: 'conntrack', nat: { random: true } }], '/0/nat/random', /give src or dst/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1', dst: '192.0.2.1' } }], '/0/nat/dst', /a src already/],
  [
    [{ type: 'conntrack', commit: true, nat: { src: '192.0.2.9-192.0.2.1' } }],
    '/0/nat/src',
    /did you mean "192.0.2.1-192.0.2.9"/,
  ],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.9-fd00::1' } }], '/0/nat/src', /one version/],
  [[{ type: 'conntrack', commit: true, nat: { dst: 'nowhere' } }], '/0/nat/dst', /no address, range or prefix/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1/24' } }], '/0/nat/src', /did you mean "192.0.2.0\/24"/],
  [[{ type: 'conntrack', commit: true, nat: { src: '0.0.0.0/0' } }], '/0/nat/src', /longer prefix/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.0/24', ports: 80 } }], '/0/nat/ports', /a prefix keeps/],
  [[{ type: 'conntrack', commit: true, nat: { dst: '192.0.2.1', portBlock: 9 } }], '/0/nat/portBlock', /of source/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1', ports: '9-1' } }], '/0/nat/ports', /did you mean "1-9"/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1', ports: 0 } }], '/0/nat/ports', /no range of ports/],
  [[{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1', ports: '1-70000' } }], '/0/nat/ports', /no range of ports/],
  [
    [{ type: 'conntrack', commit: true, nat: { src: '192.0.2.1', ports: '1-10', portBlock: 11 } }],
    '/0/nat/portBlock',
    /at most 10/,
  ],
  [
    [
      { type: 'conntrack', table: 1 },
      { type: 'goto_table', table: 2 },
    ],
    '/0/table',
    /goes to a table already/,
  ],
  [
    [
      { type: 'conntrack', table: 1 },
      { type: 'conntrack', table: 2 },
    ],
    '/0/table',
    /goes to a table already/,
  ],
  [[{ type: 'write_actions', actions: [{ type: 'conntrack' } as never] }], '/0/actions/0', /not for an action set/],
];
for (const [actions, pointer, says] of bad) {
  test(`refused: ${JSON.stringify(actions)}`, (t) => {
    const faults: Fault[] = [];
    parseActions(actions, nothingKnown, 0, topology, '', faults);
    const [fault] = faults;
    t.is(fault?.pointer, pointer);
    t.regex(`${fault?.message} ${fault?.remedy}`, says);
  });
}

test('a table is a later one, and none of a bucket', (t) => {
  const faults: Fault[] = [];
  parseActions([{ type: 'conntrack', table: 3 }], nothingKnown, 3, topology, '', faults);
  parseBucketActions([{ type: 'conntrack', table: 3 }], topology, '/bucket', faults);
  t.deepEqual(
    faults.map(({ pointer, message }) => [pointer, message]),
    [
      ['/0/table', 'a packet goes only to later tables than 3'],
      ['/bucket/0/table', 'a bucket goes to no table'],
    ],
  );
  const none: Fault[] = [];
  t.deepEqual(formatActions(parseBucketActions([{ type: 'conntrack', zone: 3 }], topology, '', none), topology), [
    { type: 'conntrack', zone: 3 },
  ]);
  t.deepEqual(none, []);
});

const states: readonly (readonly [written: string | number, shown: string | number])[] = [
  ['+trk+est-new', '-new+est+trk'],
  ['0x22/0x23', '-new+est+trk'],
  ['-trk', '-trk'],
  ['0/0x20', '-trk'],
  [0x21, 'new|trk'],
  ['trk|new', 'new|trk'],
  ['-new-est-rel-rpl-inv-trk-snat-dnat', 0],
];
for (const [written, shown] of states) {
  test(`ct_state ${written} is shown as ${shown}, and read again`, (t) => {
    const faults: Fault[] = [];
    const match = parseMatch({ ct_state: written }, topology, '', faults);
    t.deepEqual(formatMatch(match, topology), { ct_state: shown });
    const again = parseMatch({ ct_state: shown }, topology, '', faults);
    t.deepEqual([...again], [...match]);
    t.deepEqual(faults, []);
  });
}

for (const written of ['+est+est', '+syn', '+trk-', 'trk|trk', 'trk|syn', 256]) {
  test(`ct_state ${written} is refused`, (t) => {
    const faults: Fault[] = [];
    parseMatch({ ct_state: written }, topology, '/match', faults);
    t.is(faults[0]?.pointer, '/match/ct_state');
  });
}

const lines = [
  'ct_state=-trk,ip,actions=ct(zone=5),goto_table:1',
  'table=1,priority=32768,ct_state=-new+est+trk,ct_zone=5,ct_mark=0x1/0xff,actions=ct(nat),output:p1',
  'priority=32768,actions=ct(commit,zone=5,nat(src=192.0.2.1-192.0.2.9:1024-2047,random,persistent,block=64)),output:p1',
  'priority=32768,actions=ct(commit,nat(dst=[2001:db8::1]-[2001:db8::9]:80),exec(set_field:0x1/0xff->ct_mark,set_field:1->ct_label))',
  'priority=32768,actions=ct(commit,nat(src=2001:db8::/64))',
];
for (const line of lines) {
  test(`ovs-ofctl: ${line}`, (t) =>
    t.true(formatOfctl(parseOfctl(line)).endsWith(line.replace(/^ct_state=-trk,ip/, 'ip,ct_state=-trk'))));
}

test('ovs-ofctl: a table is told apart', (t) => {
  t.is(formatOfctl(parseOfctl('actions=ct(table=2,zone=1)')), 'priority=32768,actions=ct(zone=1),goto_table:2');
});

for (const action of [
  'ct(comit)',
  'ct(zone=)',
  'ct(nat(src=))',
  'ct(exec(set_field:1->eth_dst))',
  'ct(zone=1,zone=2)',
  'ct(force)',
]) {
  test(`ovs-ofctl: ${action} is refused`, (t) => void t.throws(() => parseOfctl(`actions=${action}`)));
}

const bits = (most: bigint) =>
  fc.bigInt({ min: 1n, max: most }).chain((mask) => fc.bigInt({ min: 0n, max: most }).map((value) => `${value & mask}/${mask}`));
const nat: fc.Arbitrary<NatText> = fc.oneof(
  fc.constant({}),
  fc.constantFrom('192.0.2.0/28', 'fd00::/96').map((src) => ({ src })),
  fc.record(
    {
      src: fc.constantFrom('192.0.2.1', '192.0.2.1-192.0.2.200', 'fd00::1-fd00::2'),
      ports: fc
        .tuple(fc.integer({ min: 1, max: 65535 }), fc.nat(1000))
        .map(([low, more]) => `${low}-${Math.min(65535, low + more)}`),
      random: fc.boolean(),
      persistent: fc.boolean(),
    },
    { requiredKeys: ['src'] },
  ),
);
const conntrack = fc
  .record({ zone: fc.nat(65535), mark: bits(0xffff_ffffn), label: bits((1n << 128n) - 1n), nat }, { requiredKeys: [] })
  .map((text): ActionText => ({ type: 'conntrack', commit: true, ...text }));

testProp('what is shown is read again as the same, as JSON and as a line', [conntrack], (t, text) => {
  const { shown, faults } = read(text);
  t.deepEqual(faults, []);
  t.deepEqual(read(...shown).shown, shown);
  const line = formatOfctl({ actions: [text] });
  t.is(formatOfctl({ actions: shown }), line);
  t.deepEqual(read(...parseOfctl(line).actions).shown, shown);
});
