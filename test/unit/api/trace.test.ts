import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import type { Problem } from '../../../src/api/problem.js';
import type { FlowListView } from '../../../src/api/schemas/flows.js';
import { TraceSchema, type TraceView } from '../../../src/api/schemas/trace.js';
import type { Wire } from '../../../src/api/schemas/usage.js';
import { schemaFaults } from '../../../src/config/schema-faults.js';
import { dropReasons } from '../../../src/model/drop.js';
import { matchFields } from '../../../src/model/match.js';
import type { NativeProbeResult } from '../../../src/switch/native.js';
import type { ProbePacket } from '../../../src/switch/types.js';
import { FakeNative } from '../../support/fake-native.js';
import { runningSwitch, twoTenants } from '../../support/running-switch.js';

type View = Wire<TraceView>;

/** Red's first flow is hit, and the packet goes out at gw-r2. */
async function probed(t: ExecutionContext) {
  const running = await runningSwitch(t);
  const flows = [
    { table: 0, priority: 7, cookie: 9, match: { in_port: 'gw-r1' }, actions: [{ type: 'output', port: 'gw-r2' }] },
    { table: 0, priority: 9, match: { eth_type: 2048, ip_ttl: 3 }, actions: [] },
  ];
  await running.call('PUT', '/v1/tenants/red/flows', { flows });
  const rule = [...running.native.rules.values()].find(({ slot, rank }) => slot === 1 && (rank & 0xffff) === 7)!.id;
  const asked: ProbePacket[] = [];
  running.native.prober = (packet): NativeProbeResult => {
    asked.push(packet);
    const fields = new BigUint64Array(2 * matchFields.length);
    fields[0] = BigInt(packet.inPort);
    const out = [{ port: 3, bytes: Uint8Array.from([...packet.bytes, 1]) }];
    return {
      slot: 1,
      out,
      steps: [{ table: 0, rule, fields, bytes: packet.bytes }],
      punted: [],
      drops: [7],
      cycles: new BigUint64Array(6).fill(5n),
    };
  };
  return { ...running, asked };
}

const packet = '0200000000010200000000020800' + '45000014000000004000' + '0000' + '0a0000010a000002';

test('a packet as it is: told by names, with flows as GET /v1/flows has them', async (t) => {
  const { call, asked } = await probed(t);
  const answer = await call('POST', '/v1/trace', { in_port: 'gw-r1', packet });
  t.is(answer.status, 200, answer.text);
  t.deepEqual(asked, [{ inPort: 2, bytes: Buffer.from(packet, 'hex') }] as unknown);
  const trace = answer.json<View>();
  t.deepEqual(schemaFaults(TraceSchema, trace), []);
  const listed = (await call('GET', '/v1/tenants/red/flows')).json<Wire<FlowListView>>();
  t.is(trace.generation, listed.generation);
  t.is(answer.headers.etag, `"${listed.generation}"`);
  const view = ({ durationMs: _, ...flow }: Wire<FlowListView>['flows'][number]) => flow;
  const [stronger, hit] = listed.flows.map(view);
  const [step] = trace.steps;
  t.deepEqual(view(step!.flow!), hit);
  t.is(step!.passedOver[0]!.field, 'eth_type');
  t.deepEqual(view(step!.passedOver[0]!.flow), stronger);
  t.like(trace, { in_port: 'gw-r1', tenant: 'red', packet, drop: null, drops: [dropReasons[7]], cycles: { rx: 5, tx: 5 } });
  t.deepEqual(trace.out, [{ port: 'gw-r2', packet: packet + '01', changed: {} }]);
});

test('a packet as a list of fields', async (t) => {
  const { call, asked } = await probed(t);
  const fields = 'in_port=gw-r1,dl_src=02:00:00:00:00:07,udp,nw_dst=10.1.0.12,tp_dst=53';
  const trace = (await call('POST', '/v1/trace', { fields })).json<View>();
  t.like(trace.fields, { in_port: 'gw-r1', eth_src: '02:00:00:00:00:07', ipv4_dst: '10.1.0.12', udp_dst: 53, ip_ttl: 64 });
  t.is(trace.packet, Buffer.from(asked[0]!.bytes).toString('hex'));
});

const bad: Record<string, [unknown, number, ...string[]]> = {
  nothing: [{}, 400, '/in_port', '/packet'],
  'both forms': [{ fields: 'ip', packet, in_port: 'up' }, 400, '/in_port', '/packet'],
  'half a byte': [{ in_port: 'up', packet: '000' }, 400, '/packet'],
  'no text': [{ in_port: {}, packet: 7 }, 400, '/in_port', '/packet'],
  'a port that there is not': [{ in_port: 'p9', packet }, 400, '/in_port'],
  'a property that there is not': [{ in_port: 'up', paket: packet }, 400, '/paket'],
  'a list that is too long': [{ fields: 'x'.repeat(5000) }, 400, '/fields'],
  'a packet that is too long': [{ in_port: 'up', packet: '00'.repeat(65_536) }, 400, '/packet'],
  'a body that is too long': [{ in_port: 'up', packet: '00'.repeat(140_000) }, 400, ''],
  'words that there are not': [{ fields: 'in_port=up,tcq,ipx' }, 400, '/fields', '/fields'],
};
for (const [what, [body, status, ...pointers]] of Object.entries(bad))
  test(`refused with its place: ${what}`, async (t) => {
    const { call, asked } = await probed(t);
    const answer = await call('POST', '/v1/trace', body);
    const { code, faults } = answer.json<Problem>();
    t.deepEqual([answer.status, code], [status, 'REQUEST_INVALID'], answer.text);
    t.deepEqual(
      faults.map(({ pointer }) => pointer),
      pointers,
    );
    t.true(faults.every(({ remedy }) => remedy !== undefined));
    t.deepEqual(asked, []);
  });

test('a port that is not open is refused by name, not by number', async (t) => {
  const addon = new FakeNative();
  addon.brokenPorts.set('gw-r1', 'no such device');
  const { call } = await runningSwitch(t, { ...twoTenants, onPortError: 'continue' }, addon);
  const { faults } = (await call('POST', '/v1/trace', { in_port: 'gw-r1', packet })).json<Problem>();
  t.deepEqual(
    faults.map(({ pointer, message }) => [pointer, message]),
    [['/in_port', 'the port is not open']],
  );
});

test('whatever is asked is answered or refused with reasons', async (t) => {
  const { call, native } = await probed(t);
  const word = fc.oneof(
    fc.constantFrom('in_port=up', 'tcp', 'ip', 'arp', 'tp_dst=80', 'nw_src=10.0.0.1', 'dl_vlan=5'),
    fc.string(),
  );
  const scalar = fc.oneof(fc.constantFrom('up', 1, 99, packet, '0g'), fc.string(), fc.integer());
  const body = fc.oneof(
    fc.record({ fields: fc.array(word, { maxLength: 6 }).map((words) => words.join(',')) }),
    fc.record({ in_port: scalar, packet: scalar, fields: scalar }, { requiredKeys: [] }),
    fc.jsonValue(),
  );
  const statuses = new Set<number>();
  const { generation } = native;
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const answer = await call('POST', '/v1/trace', JSON.stringify(value));
      statuses.add(answer.status);
      t.true(answer.status === 200 || answer.json<Problem>().faults.length > 0, answer.text);
    }),
    { numRuns: 500 },
  );
  t.deepEqual([...statuses].sort(), [200, 400]);
  t.is(native.generation, generation);
});
