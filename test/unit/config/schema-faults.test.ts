import test from 'ava';
import { testProp, fc } from '@fast-check/ava';
import { Compile } from 'typebox/compile';
import { configSchema, flowOperationSchema, flowSchema, portSchema } from '../../../src/config/schema.js';
import { nearest } from '../../../src/config/nearest.js';
import { schemaFaults } from '../../../src/config/schema-faults.js';

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

test('what is inherited is not taken for a property', (t) => {
  t.deepEqual(pointers(flowSchema, JSON.parse('{"actions":[],"constructor":1,"__proto__":{}}')).sort(), [
    '/__proto__',
    '/constructor',
  ]);
});

const action = fc.record(
  {
    type: fc.constantFrom('output', 'drop', 'set_field', 'dec_ttl', 'arp_reply', 'fly'),
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

const compiled = Compile(flowSchema);
testProp(
  'there are faults exactly where the schema refuses, and each has a message and a remedy',
  [fc.oneof(flow, fc.jsonValue())],
  (t, value) => {
    const faults = schemaFaults(flowSchema, value);
    t.is(faults.length === 0, compiled.Check(value));
    t.true(faults.every((fault) => fault.message !== '' && fault.remedy !== undefined));
  },
);
