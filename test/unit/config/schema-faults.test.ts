import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { Compile } from 'typebox/compile';
import { flowOperationSchema } from '../../../src/api/schemas/operations.js';
import { configSchema, flowSchema, groupSchema, meterSchema, portSchema } from '../../../src/config/schema.js';
import { nearest } from '../../../src/config/nearest.js';
import { faultsUnlessRight, schemaFaults } from '../../../src/config/schema-faults.js';
import { groupText, meterText } from '../../support/group-arbitrary.js';

const pointers = (schema: object, value: unknown): string[] => schemaFaults(schema, value).map((fault) => fault.pointer);

test('the faults are those inside the variant that `type` or `op` names', (t) => {
  const value = {
    op: 'add',
    flow: { priority: -1, match: { ipv4_dstt: 'x', eth_type: {} }, actions: [{ type: 'output' }, { type: 'fly' }, {}] },
  };
  t.deepEqual(pointers(flowOperationSchema, value).sort(), [
    '/flow/actions/0/port',
    '/flow/actions/1/type',
    '/flow/actions/2/type',
    '/flow/match/eth_type',
    '/flow/match/ipv4_dstt',
    '/flow/priority',
  ]);
});

test('of variants with one `op`, the one is meant whose property is there', (t) => {
  const group = { group: 1, type: 'al', buckets: [] };
  t.deepEqual(pointers(flowOperationSchema, { op: 'add', group }), ['/group/type']);
  t.deepEqual(pointers(flowOperationSchema, { op: 'delete', meter: { meter: 0 } }), ['/meter/meter']);
  t.deepEqual(pointers(flowOperationSchema, { op: 'modify', flow: { actions: [] }, strict: 1 }), ['/strict']);
});

test('a slip of the pen is recognised', (t) => {
  const [fault] = schemaFaults(flowSchema, { match: { ipv4_dts: '10.0.0.1' }, actions: [] });
  t.true(fault?.remedy?.includes('"ipv4_dst"'));
  t.true(schemaFaults(portSchema, { type: 'af_pakcet' })[0]?.remedy?.includes('"af_packet"'));
  t.is(nearest('colour', ['name', 'ports']), undefined);
});

test('ten faults are ten faults', (t) => {
  const config = {
    nmae: 'x',
    workers: { cores: [], idle: { mode: 'lazy' } },
    ports: { 'a b': {}, p1: { type: 'tap', mtu: '9000', interface: 'way-too-long-a-name' } },
    tenants: { red: { networks: [{ prefix: 1 }] } },
    api: { tcp: { port: 0, token: 'short' } },
  };
  t.deepEqual(pointers(configSchema, config).sort(), [
    '/api/tcp/port',
    '/api/tcp/token',
    '/name',
    '/nmae',
    '/ports/a b',
    '/ports/p1/interface',
    '/ports/p1/mtu',
    '/tenants/red/networks/0/gateway',
    '/tenants/red/networks/0/prefix',
    '/workers/cores',
    '/workers/idle/mode',
  ]);
});

test('actions inside actions are told apart too, and each action knows its own properties', (t) => {
  const write = (...actions: unknown[]) => ({ actions: [{ type: 'write_actions', actions }] });
  t.deepEqual(pointers(flowSchema, write({ type: 'goto_table', table: 1 })), ['/actions/0/actions/0/type']);
  t.deepEqual(pointers(flowSchema, write({ type: 'encap', tunnel: 'gre', vni: 'x', ttl: 0 })).sort(), [
    ...['dst', 'eth_dst', 'eth_src', 'src', 'ttl', 'tunnel', 'vni'].map((name) => `/actions/0/actions/0/${name}`),
  ]);
  t.deepEqual(pointers(flowSchema, write()), ['/actions/0/actions']);
  t.deepEqual(pointers(flowSchema, { table: 64, idle_timeout: 65536, actions: [{ type: 'goto_table', table: 64 }] }).sort(), [
    '/actions/0/table',
    '/idle_timeout',
    '/table',
  ]);
  t.deepEqual(pointers(groupSchema, { group: 1, type: 'ff', buckets: [{ actions: [{ type: 'clear_actions' }] }] }), [
    '/buckets/0/actions/0/type',
  ]);
});

test('a variant is known by the property that only it needs', (t) => {
  const meter = { meter: 1, unit: 'kbps' };
  t.deepEqual(pointers(meterSchema, { ...meter, bands: [{ type: 'drop' }] }), ['/bands/0/rate']);
  t.deepEqual(pointers(meterSchema, { ...meter, kind: 'srtcm', cir: 1 }), ['/cbs']);
  t.deepEqual(pointers(meterSchema, meter), ['']);
});

test('what is inherited is not taken for a property', (t) => {
  t.deepEqual(pointers(flowSchema, JSON.parse('{"actions":[],"constructor":1,"__proto__":{}}')).sort(), [
    '/__proto__',
    '/constructor',
  ]);
});

const action = fc.record(
  {
    type: fc.constantFrom('output', 'drop', 'set_field', 'dec_ttl', 'arp_reply', 'write_actions', 'fly'),
    port: fc.oneof(fc.constantFrom('p1', ''), fc.integer({ min: -1, max: 300 })),
    field: fc.constantFrom('eth_dst', 'eth_srcc'),
    value: fc.oneof(fc.string(), fc.integer(), fc.boolean()),
  },
  { requiredKeys: ['type'] },
);
const flow = fc.record(
  {
    table: fc.oneof(fc.integer({ min: -1, max: 65 }), fc.double()),
    priority: fc.integer({ min: -1, max: 65537 }),
    match: fc.dictionary(
      fc.constantFrom('in_port', 'eth_type', 'nothing'),
      fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
    ),
    cookie: fc.oneof(fc.constantFrom('0xff', '12', 'x'), fc.integer()),
    actions: fc.array(action, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const meter = fc.record(
  {
    meter: fc.integer({ min: 0, max: 2 }),
    unit: fc.constantFrom('kbps', 'mbps'),
    bands: fc.array(fc.record({ type: fc.constantFrom('drop', 'pass'), rate: fc.integer() }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
    kind: fc.constantFrom('srtcm', 'other'),
    cir: fc.nat(),
    cbs: fc.nat(),
  },
  { requiredKeys: [] },
);

for (const [name, schema, values] of [
  ['flow', flowSchema, flow],
  ['group', groupSchema, groupText],
  ['meter', meterSchema, fc.oneof(meter, meterText)],
] as const) {
  const compiled = Compile(schema);
  testProp(
    `there are faults exactly where the schema refuses, and each has a message and a remedy: ${name}`,
    [fc.oneof(values as fc.Arbitrary<unknown>, fc.jsonValue())],
    (t, value) => {
      const faults = schemaFaults(schema, value);
      t.is(faults.length === 0, compiled.Check(value));
      t.deepEqual(faultsUnlessRight(schema, value), faults);
      t.true(faults.every((fault) => fault.message !== '' && fault.remedy !== undefined));
    },
  );
}
