import test from 'ava';
import fc from 'fast-check';
import type { Problem } from '../../../src/api/problem.js';
import { runningSwitch } from '../../support/running-switch.js';

/** Values near to what the routes expect, and values far from it. */
const text = fc.oneof(
  fc.constantFrom(
    'up',
    'gw-r1',
    'gw-b1',
    'in_port',
    '10.1.0.0/24',
    '10.1.0.300',
    '::1/200',
    '02:00:00:00:00:01',
    '0x1000/0x1000',
    '',
  ),
  fc.string(),
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(2048, 2054, 34525, 6, 17),
);
const match = fc.dictionary(
  fc.oneof(fc.constantFrom('in_port', 'eth_type', 'ipv4_dst', 'ipv6_src', 'tcp_dst', 'ip_proto', 'vlan_vid', 'arp_tpa'), text),
  scalar,
  { maxKeys: 5 },
);
const action = fc.record(
  {
    type: fc.oneof(fc.constantFrom('output', 'drop', 'set_field', 'arp_reply'), text),
    port: scalar,
    field: text,
    value: scalar,
    mac: text,
  },
  { requiredKeys: [] },
);
const flow = fc.record(
  {
    table: scalar,
    priority: scalar,
    match: fc.oneof(match, scalar),
    actions: fc.array(fc.oneof(action, scalar), { maxLength: 4 }),
    cookie: scalar,
  },
  { requiredKeys: [] },
);
const operation = fc.record({ op: fc.oneof(fc.constantFrom('add', 'modify', 'delete'), text), flow: fc.oneof(flow, scalar) });
const body = fc.oneof(
  fc.record({ flows: fc.array(flow, { maxLength: 4 }) }),
  fc.record({ operations: fc.array(operation, { maxLength: 4 }) }),
  fc.record({ policy: fc.array(fc.record({ from: text, to: text }), { maxLength: 3 }) }),
  fc.jsonValue(),
);
const target = fc.constantFrom(
  ['PUT', '/v1/flows'] as const,
  ['PATCH', '/v1/flows'] as const,
  ['PUT', '/v1/tenants/red/flows'] as const,
  ['PATCH', '/v1/tenants/red/flows'] as const,
  ['PUT', '/v1/policy'] as const,
);

test('whatever is sent is done or refused with reasons; the switch never breaks, and what is refused changes nothing', async (t) => {
  const { call, native } = await runningSwitch(t);
  let done = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(target, body, async ([method, path], value) => {
      const { generation } = native;
      const answer = await call(method, path, JSON.stringify(value));
      if (answer.status === 200) {
        done++;
        return;
      }
      refused++;
      const { code, faults, status } = answer.json<Problem>();
      t.true(status >= 400 && status < 500, `${code}: ${answer.text} for ${JSON.stringify(value)}`);
      t.true(faults.length > 0 && faults.every((fault) => fault.message !== '' && fault.remedy !== undefined), answer.text);
      t.is(native.generation, generation);
    }),
    { numRuns: 1000 },
  );
  t.true(done > 0 && refused > 0);
});
