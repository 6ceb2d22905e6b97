import test from 'ava';
import type { Action } from '../../src/model/action.js';
import { portName, portNumber } from '../../src/model/ids.js';
import { fullMask, type FieldMatch, type FieldName } from '../../src/model/match.js';
import { loadAddon } from '../../src/switch/binding.js';
import { Switch } from '../../src/switch/switch.js';
import type { Rule, RuleTransaction } from '../../src/switch/types.js';
import { applyOne } from '../support/apply-each.js';
import { transaction } from '../support/transaction.js';
import { until } from './support/switch.js';
import { smallSwitch } from '../support/small-switch.js';

/**
 * Two sets of rules that must never mix: each marks a packet in table 0, in table 1 and in a group, and sends it into a loop. What comes
 * back is judged by rules that never change. A packet that saw half a transaction has marks that differ, or hit a rule that no whole set
 * has.
 */
const transactions = 10_000;
const [source, loop] = [portNumber(1), portNumber(2)];
const slot = 0;
const group = 3;

const exact = (bits: number, value: bigint): FieldMatch => ({ value, mask: fullMask(bits) });
const mac = (mark: bigint): bigint => 0x02_00_00_00_00_00n | mark;
const setMac = (field: 'eth_dst' | 'eth_src', mark: bigint): Action => ({
  type: 'set_field',
  field,
  value: mac(mark),
  mask: fullMask(48),
});
const rule = (id: number, table: number, rank: number, match: [FieldName, FieldMatch][], actions: Action[]): Rule => ({
  id,
  slot,
  table,
  rank,
  match: new Map(match),
  actions,
});

const judges = { same: [10, 11], mixed: 12, missed: 13 } as const;
const fromLoop: [FieldName, FieldMatch] = ['in_port', exact(16, BigInt(loop))];
const judging: Rule[] = [
  ...[1n, 2n].map((mark, i) =>
    rule(
      judges.same[i] ?? 0,
      0,
      9,
      [fromLoop, ['eth_dst', exact(48, mac(mark))], ['eth_src', exact(48, mac(mark))]],
      [{ type: 'drop', reason: 'rule_drop' }],
    ),
  ),
  rule(judges.mixed, 0, 8, [fromLoop], [{ type: 'drop', reason: 'policy_refused' }]),
  // Another set's metadata, or none.
  rule(judges.missed, 1, 1, [], [{ type: 'drop', reason: 'policy_refused' }]),
];

const set = (mark: bigint): Pick<RuleTransaction, 'add' | 'putGroups'> => ({
  add: [
    rule(
      1,
      0,
      5,
      [['in_port', exact(16, BigInt(source))]],
      [
        { type: 'write_metadata', value: mark, mask: fullMask(64) },
        { type: 'goto_table', table: 1 },
      ],
    ),
    rule(2, 1, 5, [['metadata', exact(64, mark)]], [setMac('eth_dst', mark), { type: 'group', group }]),
  ],
  putGroups: [
    {
      number: group,
      group: {
        type: 'all',
        hash: 'five_tuple',
        buckets: [
          {
            weight: 1,
            watchPort: undefined,
            watchGroup: undefined,
            actions: [setMac('eth_src', mark), { type: 'output', port: loop }],
          },
        ],
      },
    },
  ],
});
const away = [
  { id: 1, slot, table: 0 },
  { id: 2, slot, table: 1 },
];

test(`no packet sees half of any of ${transactions} transactions`, async (t) => {
  t.timeout(120_000);
  const sw = await Switch.start(loadAddon(), smallSwitch('atomic-test'));
  try {
    const role = { kind: 'uplink' } as const;
    await sw.openPort(source, portName('source'), role, slot, { type: 'null', receive: true });
    await sw.openPort(loop, portName('loop'), role, slot, { type: 'ring', rxDescriptors: 1024, txDescriptors: 1024 });
    await applyOne(sw, transaction({ ...set(1n), add: [...judging, ...set(1n).add] }));
    const hits = (id: number): bigint => sw.ruleCounters([id])[0]?.packets ?? 0n;
    for (let i = 0; i < transactions; i++) await applyOne(sw, transaction({ remove: away, ...set(i % 2 === 0 ? 2n : 1n) }));
    await until(() => hits(judges.same[0]) > 0n && hits(judges.same[1]) > 0n);
    const judged = hits(judges.same[0]) + hits(judges.same[1]);
    t.log(`${judged} packets judged, ${hits(judges.same[0])} of the one set and ${hits(judges.same[1])} of the other`);
    t.true(judged > BigInt(transactions), 'packets flowed all the while');
    t.is(hits(judges.mixed), 0n);
    t.is(hits(judges.missed), 0n);
  } finally {
    await sw.close();
  }
});
