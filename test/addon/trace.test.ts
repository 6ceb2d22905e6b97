import { availableParallelism } from 'node:os';
import test from 'ava';
import { traceView } from '../../src/api/views/trace.js';
import type { FlowText } from '../../src/model/flow.js';
import type { FieldName } from '../../src/model/match.js';
import { dissect } from '../../src/replay/dissect.js';
import { openReplay } from '../../src/replay/session.js';
import { packetOf } from '../../src/replay/traced-packet.js';
import { loadAddon } from '../../src/switch/binding.js';
import { switchOptions } from '../../src/switch/options.js';
import { Switch } from '../../src/switch/switch.js';

// The native program with rules over two tables, and a worker, whose counters a trace must not touch.
const opening = openReplay({ ports: ['p1', 'p2', 'p3'], maxRules: 1024 }, (config) =>
  Switch.start(loadAddon(), { ...switchOptions(config), cores: [availableParallelism() - 1] }),
);
const flows: FlowText[] = [
  {
    priority: 100,
    match: { in_port: 'p1', eth_type: 2048, ipv4_dst: '10.0.0.0/24' },
    actions: [
      { type: 'dec_ttl' },
      { type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:09' },
      { type: 'write_metadata', value: 5 },
      { type: 'goto_table', table: 3 },
    ],
  },
  { priority: 200, match: { eth_type: 2048, ip_proto: 6, tcp_dst: 443 }, actions: [] },
  { priority: 10, match: { in_port: 'p1' }, actions: [{ type: 'output', port: 'p3' }] },
  {
    table: 3,
    priority: 7,
    match: { metadata: 5 },
    actions: [
      { type: 'output', port: 'p2' },
      { type: 'output', port: 'p1' },
    ],
  },
  { table: 3, priority: 8, match: { metadata: 5, eth_dst: '02:00:00:00:00:01' }, actions: [] },
];

const trace = async (fields: string) => {
  const session = await opening;
  return traceView({ fields }, session.dataPlane, session.flows);
};
const toTable3 = 'in_port=p1,dl_dst=02:00:00:00:00:01,tcp,nw_src=10.0.0.1,nw_dst=10.0.0.7,tp_dst=80';

test.before(async () => (await opening).load({ flows }));
test.after.always(async () => (await opening).close());

test.serial('the installed program tells its rule in each table, what changed, and the bytes that go out', async (t) => {
  const { tenant, steps, out, drop, drops, cycles, packet } = await trace(toTable3);
  t.is(tenant, 'replay');
  t.deepEqual(
    steps.map(({ table, flow, passedOver, outranked }) => [
      [table, flow?.flow.priority],
      passedOver.map((other) => [other.flow.flow.priority, other.field, other.found]),
      outranked.map((other) => other.flow.priority),
    ]) as unknown,
    [
      [[0, 100], [[200, 'tcp_dst', 80]], [10]],
      [[3, 7], [[8, 'eth_dst', '02:00:00:00:00:09']], []],
    ],
  );
  const macChange = ['02:00:00:00:00:01', '02:00:00:00:00:09'] as const;
  t.deepEqual(steps[1]!.changed, { eth_dst: macChange, metadata: [0, 5], ip_ttl: [64, 63] });
  const [sent, ...others] = out;
  t.deepEqual([sent!.port, sent!.changed, others.length], ['p2', { eth_dst: macChange, ip_ttl: [64, 63] }, 0]);
  // Another target, one less to live, and the header's checksum one more for it; all else as it came.
  const wanted = Buffer.from(packet, 'hex');
  wanted[5] = 0x09;
  wanted[22] = 63;
  wanted.writeUInt16BE(wanted.readUInt16BE(24) + 0x0100, 24);
  t.is(sent!.packet, wanted.toString('hex'));
  t.deepEqual([drop, drops], [null, ['output_is_ingress']]);
  t.true(cycles.parse > 0 && cycles.match > 0 && cycles.act > 0);
});

const dropped: [string, string, number | null][] = [
  ['in_port=p1,tcp,nw_dst=10.0.0.7,tp_dst=443', 'rule_drop', 200],
  ['in_port=p1,icmp,nw_dst=10.0.0.7,nw_ttl=1', 'ttl_expired', 100],
  ['in_port=p2,arp', 'table_miss', null],
];
for (const [fields, reason, priority] of dropped)
  test.serial(`a packet that is lost has the reason and the rule: ${reason}`, async (t) => {
    const { out, drop, drops, steps } = await trace(fields);
    t.deepEqual([out, drop, drops], [[], reason, [reason]] as unknown);
    t.is(steps.at(-1)?.flow?.flow.priority ?? null, priority);
  });

test.serial('a trace counts nothing', async (t) => {
  const { dataPlane, flows: table } = await opening;
  const counted = () => {
    const { tenants, ports, workers } = dataPlane.snapshot();
    const rules = table.stats(table.list().map(({ id }) => id));
    return {
      rules: rules.map(({ packets, bytes }) => [packets, bytes]),
      tables: dataPlane.tableSnapshot().tables,
      tenants,
      ports,
      busy: workers.map(({ busy }) => busy),
    };
  };
  const before = counted();
  t.is(before.rules.length, flows.length);
  await trace(toTable3);
  t.deepEqual(counted(), before);
});

/** Rules for whose sake every header is read. */
const curious: FlowText[] = [
  { match: { eth_dst: '02:00:00:00:00:77' }, actions: [] },
  { match: { vlan_vid: 77 }, actions: [] },
  { match: { eth_type: 2054, arp_op: 77 }, actions: [] },
  { match: { eth_type: 2048, ip_proto: 6, tcp_dst: 77 }, actions: [] },
  { match: { eth_type: 34525, ip_proto: 58, icmpv6_type: 135, ipv6_nd_target: 'fe80::77' }, actions: [] },
  { match: { eth_type: 34525, ipv6_exthdr: '0x40/0x40' }, actions: [] },
];

test.serial('what is shown of a packet is what the data plane reads, where rules ask for it', async (t) => {
  const session = await opening;
  await session.load({ flows: curious });
  for (const fields of [
    'tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=1,tp_dst=80,tcp_flags=0x12,nw_ttl=3,dl_vlan=7,dl_vlan_pcp=5,nw_tos=184,nw_ecn=1',
    'udp6,ipv6_src=fd00::1,ipv6_dst=fd00::2,tp_dst=9,ipv6_label=0x12345,dl_src=02:00:00:00:00:05',
    'sctp,nw_src=10.0.0.1,tp_src=5',
    'icmp,icmp_type=8,icmp_code=1',
    'icmp6,icmpv6_type=135,nd_target=fe80::1,nd_sll=02:00:00:00:00:09',
    'arp,arp_op=2,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_sha=02:00:00:00:00:05,arp_tha=02:00:00:00:00:07',
  ]) {
    const packet = packetOf({ fields: `in_port=p1,${fields}` }, session.flows.topology);
    const [result] = await session.dataPlane.probe([packet], true);
    const read = result!.steps[0]!.fields;
    const shown = dissect(packet.bytes);
    t.true(shown.size > 6, fields);
    const unlike = [...shown].filter(([name, value]) => read.get(name) !== value).map(([name]): FieldName => name);
    t.deepEqual(unlike, [], fields);
  }
});
