import test from 'ava';
import type { FlowText, InstalledFlow } from '../../../src/model/flow.js';
import { matchFields, type FieldName } from '../../../src/model/match.js';
import { openReplay, type ReplaySession } from '../../../src/replay/session.js';
import { traceOf, type Trace } from '../../../src/replay/trace.js';
import { packetOf } from '../../../src/replay/traced-packet.js';
import type { ProbeResult } from '../../../src/switch/types.js';
import { ReferenceDataPlane } from '../../support/reference/data-plane.js';
import { labConfig } from '../../support/topology.js';

const start = async () => new ReferenceDataPlane();

async function opened(flows: readonly FlowText[], config?: typeof labConfig): Promise<ReplaySession> {
  const session = await openReplay({ ports: ['p1', 'p2', 'p3'], maxRules: 1024, config }, start);
  await session.load({ flows });
  return session;
}

async function traced({ dataPlane, flows }: ReplaySession, fields: string): Promise<Trace> {
  const packet = packetOf({ fields }, flows.topology);
  const [result] = await dataPlane.probe([packet], true);
  return traceOf(packet, result!, flows);
}

const priorities = (flows: readonly InstalledFlow[]): number[] => flows.map(({ priority }) => priority);

const twoTables: FlowText[] = [
  {
    priority: 100,
    match: { eth_type: 2048, ipv4_dst: '10.0.0.0/24' },
    actions: [
      { type: 'set_field', field: 'eth_dst', value: '02:00:00:00:00:09' },
      { type: 'dec_ttl' },
      { type: 'write_metadata', value: 5 },
      { type: 'goto_table', table: 3 },
    ],
  },
  { priority: 300, match: { eth_type: 2048, ip_proto: 6, tcp_dst: 443 }, actions: [] },
  { priority: 200, match: { in_port: 'p2', eth_type: 2054 }, actions: [] },
  { priority: 100, match: { in_port: 'p1' }, actions: [] },
  { priority: 1, match: {}, actions: [] },
  {
    table: 3,
    priority: 7,
    match: { metadata: 5 },
    actions: [
      { type: 'output', port: 'p2' },
      { type: 'output', port: 'p1' },
    ],
  },
];
const toVm = 'in_port=p1,dl_dst=02:00:00:00:00:01,tcp,nw_dst=10.0.0.7,tp_dst=80';

test('a trace names the flow of each table, what changed on the way, and what went out', async (t) => {
  const trace = await traced(await opened(twoTables), toVm);
  t.deepEqual(
    trace.steps.map(({ table, flow }) => [table, flow?.priority]),
    [
      [0, 100],
      [3, 7],
    ],
  );
  t.is(trace.in_port, 'p1');
  t.is(trace.tenant, 'replay');
  t.like(trace.fields, { in_port: 'p1', eth_dst: '02:00:00:00:00:01', ip_ttl: 64, tcp_dst: 80 });
  t.deepEqual(trace.steps[0]!.changed, {});
  t.deepEqual(trace.steps[1]!.changed, {
    eth_dst: ['02:00:00:00:00:01', '02:00:00:00:00:09'],
    ip_ttl: [64, 63],
    metadata: [0, 5],
  });
  t.is(trace.out.length, 1);
  const { port, packet, changed } = trace.out[0]!;
  t.is(port, 'p2');
  t.is(packet.slice(0, 12), '020000000009');
  t.deepEqual(changed, { eth_dst: ['02:00:00:00:00:01', '02:00:00:00:00:09'], ip_ttl: [64, 63] });
  t.deepEqual([trace.drop, trace.drops], [null, ['output_is_ingress']]);
  t.deepEqual(Object.keys(trace.cycles), ['rx', 'parse', 'steer', 'match', 'act', 'tx']);
});

test('stronger flows say by which field they do not match, those first that nearly do; others that match say so', async (t) => {
  const [step] = (await traced(await opened(twoTables), toVm)).steps;
  t.deepEqual(
    step!.passedOver.map(({ flow, field, wants, found }) => [flow.priority, field, wants, found]),
    [
      [300, 'tcp_dst', 443, 80],
      [200, 'in_port', 'p2', 'p1'],
    ],
  );
  t.deepEqual(priorities(step!.outranked), [100, 1]);
});

test('a miss tells of the flows that nearly match, the strongest first, and how many it does not tell of', async (t) => {
  const flows = [1, 2, 3, 4, 5, 6, 7].map((i) => ({ priority: i, match: { eth_type: 2048, ip_ttl: i }, actions: [] }));
  const trace = await traced(
    await opened([...flows, { priority: 9, match: { eth_type: 2054, arp_op: 7 }, actions: [] }]),
    'in_port=p1,ip',
  );
  const { flow, passedOver, unlisted, outranked } = trace.steps[0]!;
  t.is(flow, null);
  t.deepEqual(priorities(passedOver.map((passed) => passed.flow)), [7, 6, 5, 4, 3]);
  t.is(unlisted, 3);
  t.deepEqual(outranked, []);
  t.deepEqual([trace.out, trace.drop], [[], 'table_miss']);
});

test('a field that the packet has not is found as null', async (t) => {
  const session = await opened([{ match: { eth_type: 2048, ip_proto: 17, udp_dst: 53 }, actions: [] }]);
  const [step] = (await traced(session, 'in_port=p1,arp')).steps;
  t.like(step!.passedOver[0], { field: 'eth_type', wants: 2048, found: 2054 });
  const [other] = (await traced(session, 'in_port=p1,udp,tp_dst=54')).steps;
  t.like(other!.passedOver[0], { field: 'udp_dst', wants: 53, found: 54 });
  t.false('tcp_dst' in other!.fields);
});

test('only flows that the tenant’s packets can meet are told of', async (t) => {
  const session = await opened([{ priority: 5, match: { eth_type: 2048, ip_ttl: 9 }, actions: [] }], labConfig);
  const { tenant, steps } = await traced(session, 'in_port=b1,ip,nw_dst=10.2.0.99');
  t.is(tenant, 'blue');
  const told = [...steps[0]!.passedOver.map(({ flow }) => flow), ...steps[0]!.outranked, steps[0]!.flow!];
  t.true(told.length > 2);
  t.true(told.some(({ owner }) => owner.kind === 'operator'));
  t.deepEqual(
    told.filter(({ owner }) => owner.kind === 'tenant' && owner.tenant !== 'blue'),
    [],
  );
});

test('what was not read is shown as it is in the packet; a field that is not there matches nothing', async (t) => {
  const tcp = { eth_type: 2048, ip_proto: 6 };
  const { flows } = await opened([
    { priority: 2, match: { ...tcp, tcp_dst: '0-98' }, actions: [] },
    { priority: 1, match: tcp, actions: [] },
  ]);
  const packet = packetOf({ fields: 'in_port=p1,tcp,nw_src=10.0.0.1,dl_src=02:00:00:00:00:07' }, flows.topology);
  const bytes = Uint8Array.from(packet.bytes);
  bytes.set([0, 1], 20); // A later fragment.
  const key = new Map<FieldName, bigint>(matchFields.map(({ name }) => [name, 0n]));
  for (const [name, value] of [
    ['in_port', 1n],
    ['eth_type', 0x0800n],
    ['ip_proto', 6n],
    ['ip_frag', 3n],
  ] as const)
    key.set(name, value);
  const rule = [0, 1, 2].find((id) => flows.ofRule(id)?.priority === 1);
  const result: ProbeResult = {
    slot: 1,
    out: [],
    steps: [{ table: 0, rule, fields: key, bytes }],
    punted: [],
    drops: [],
    cycles: [1n, 2n, 3n, 4n, 5n, 6n],
  };
  const trace = traceOf({ ...packet, bytes }, result, flows);
  const step = trace.steps[0]!;
  t.is(step.flow?.priority, 1);
  t.like(step.fields, { eth_src: '02:00:00:00:00:07', ipv4_src: '10.0.0.1', ip_proto: 6, ip_frag: 'later' });
  t.false('tcp_dst' in step.fields);
  t.like(step.passedOver[0], { field: 'tcp_dst', wants: '0-98', found: null });
  t.deepEqual(trace.cycles, { rx: 1, parse: 2, steer: 3, match: 4, act: 5, tx: 6 });
  t.is(trace.drop, 'rule_drop');
});

test('what a conntrack found is told behind it, and why a flow that wants something else was passed over', async (t) => {
  const flows: FlowText[] = [
    { match: { eth_type: 2048 }, actions: [{ type: 'conntrack', zone: 5, table: 1 }] },
    { table: 1, priority: 200, match: { ct_state: '+est+trk' }, actions: [{ type: 'output', port: 'p2' }] },
    { table: 1, priority: 100, match: { ct_state: '+new+trk', ct_zone: 5 }, actions: [{ type: 'output', port: 'p3' }] },
  ];
  const { steps } = await traced(await opened(flows), 'in_port=p1,udp,nw_src=10.0.0.1,nw_dst=10.0.0.7,tp_dst=53');
  t.false('ct_state' in steps[0]!.fields);
  const state = 'new|trk';
  t.deepEqual(steps[1]!.changed, { ct_state: [null, state], ct_zone: [null, 5], ct_mark: [null, 0] });
  t.is(steps[1]!.flow?.priority, 100);
  t.like(steps[1]!.passedOver[0], { field: 'ct_state', wants: '+est+trk', found: state });
});
