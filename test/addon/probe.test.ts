import test from 'ava';
import { portNumber } from '../../src/model/ids.js';
import type { FieldMatch, FieldName } from '../../src/model/match.js';
import { loadAddon } from '../../src/switch/binding.js';
import { Switch } from '../../src/switch/switch.js';
import type { Rule } from '../../src/switch/types.js';
import { applyOne } from '../support/apply-each.js';
import { transaction } from '../support/transaction.js';
import { smallSwitch } from '../support/small-switch.js';

// A switch without workers: it forwards nothing, and can be probed.
const starting = Switch.start(loadAddon(), smallSwitch('probe-test', { cores: [] }));
const packet = Buffer.from(
  '020000000002020000000001080045000021000000004011' + '66cf0a0000010a000002' + '03e80035000d0000' + '0102030405',
  'hex',
);
const exact = (value: bigint, mask: bigint): FieldMatch => ({ value, mask });

const rules: Rule[] = [
  {
    id: 3,
    slot: 1,
    table: 0,
    rank: 1,
    match: new Map([['eth_type', exact(0x0800n, 0xffffn)]]),
    actions: [{ type: 'dec_ttl' }, { type: 'goto_table', table: 2 }],
  },
  {
    id: 4,
    slot: 1,
    table: 2,
    rank: 1,
    match: new Map<FieldName, FieldMatch>([
      ['eth_type', exact(0x0800n, 0xffffn)],
      ['ip_proto', exact(17n, 0xffn)],
      ['udp_dst', { value: 1n, mask: 0xffffn, high: 100n }],
    ]),
    actions: [
      { type: 'output', port: portNumber(2) },
      { type: 'group', group: 5 },
    ],
  },
];

test.before(async () => {
  const sw = await starting;
  for (const number of [1, 2]) {
    const role = { kind: 'uplink' } as const;
    await sw.openPort(portNumber(number), `p${number}` as never, role, 1, { type: 'null' });
  }
  const bucket = {
    weight: 1,
    watchPort: undefined,
    watchGroup: undefined,
    actions: [{ type: 'output', port: 'in_port' }],
  } as const;
  const group = { type: 'all', hash: 'five_tuple', buckets: [bucket] } as const;
  await applyOne(sw, transaction({ add: rules, putGroups: [{ number: 5, group }] }));
});

test.after.always(async () => (await starting).close());

test.serial('a probe says what the installed program does with a packet, in the order in which it does it', async (t) => {
  const sw = await starting;
  const [result] = await sw.probe([{ inPort: portNumber(1), bytes: packet }], true);
  if (!result) return t.fail();
  const changed = Buffer.from(packet);
  changed[22] = 0x3f;
  changed.writeUInt16BE(packet.readUInt16BE(24) + 0x0100, 24);
  t.deepEqual(
    result.out.map(({ port, bytes }) => [port, Buffer.from(bytes).toString('hex')]),
    [
      [2, changed.toString('hex')],
      [1, changed.toString('hex')],
    ] as never,
  );
  t.deepEqual(
    result.steps.map(({ table, rule }) => [table, rule]),
    [
      [0, 3],
      [2, 4],
    ],
  );
  t.is(result.steps[0]?.fields.get('ip_ttl'), 64n);
  t.is(result.steps[1]?.fields.get('ip_ttl'), 63n);
  t.is(result.steps[1]?.fields.get('udp_dst'), 53n);
  t.false(result.steps[1]?.fields.has('tcp_dst'));
  t.deepEqual(result.drops, []);
  t.true(result.cycles.some((cycles) => cycles > 0n));
});

test.serial('a probe names why a packet is lost, and counts nothing', async (t) => {
  const sw = await starting;
  const expired = Buffer.from(packet);
  expired[22] = 1;
  expired.writeUInt16BE(packet.readUInt16BE(24) + 0x3f00, 24);
  const results = await sw.probe(
    [
      { inPort: portNumber(1), bytes: expired },
      { inPort: portNumber(2), bytes: packet.subarray(0, 10) },
      { inPort: portNumber(1), bytes: Buffer.concat([packet, Buffer.alloc(3000)]) },
    ],
    false,
  );
  t.deepEqual(
    results.map(({ drops }) => drops),
    [['ttl_expired'], ['runt_frame'], ['mtu_exceeded', 'mtu_exceeded']],
  );
  t.deepEqual(sw.ruleCounters([3]), [{ packets: 0n, bytes: 0n }]);
});

test.serial('packets take tokens from a meter, but for those that are traced', async (t) => {
  const sw = await starting;
  const meter = {
    unit: 'pktps',
    kind: 'srtcm',
    cir: 1n,
    cbs: 1n,
    secondRate: 0n,
    secondBurst: 0n,
    yellow: { verdict: 'pass', dscp: 0 },
    red: { verdict: 'drop', dscp: 0 },
  } as const;
  const metered: Rule = {
    id: 5,
    slot: 1,
    table: 0,
    rank: 9,
    match: new Map([['in_port', exact(2n, 0xffffn)]]),
    actions: [
      { type: 'meter', meter: 3 },
      { type: 'output', port: portNumber(1) },
    ],
  };
  await applyOne(sw, transaction({ add: [metered], putMeters: [{ number: 3, meter }] }));
  const dropsOf = async (detail: boolean) => (await sw.probe([{ inPort: portNumber(2), bytes: packet }], detail))[0]?.drops;
  t.deepEqual([await dropsOf(true), await dropsOf(true), await dropsOf(false)], [[], [], []]);
  t.deepEqual([await dropsOf(false), await dropsOf(true)], [['meter_exceeded'], ['meter_exceeded']]);
  await applyOne(sw, transaction({ remove: [{ id: 5, slot: 1, table: 0 }], removeMeters: [3] }));
});

test.serial('a probe of a port that is not open is refused', async (t) => {
  await t.throwsAsync((await starting).probe([{ inPort: portNumber(9), bytes: packet }], false), {
    message: /port number 9 is not open/,
  });
});

test.serial('the plan of the parser names the rule for each header', async (t) => {
  const plan = (await (await starting).parserPlan()).filter(({ port }) => port === 1);
  t.deepEqual(
    plan.map(({ header, rule }) => [header, rule]),
    [
      ['ether_type', 3],
      ['ipv4', 3],
      ['ipv6', 3],
      ['transport', 4],
    ],
  );
});
