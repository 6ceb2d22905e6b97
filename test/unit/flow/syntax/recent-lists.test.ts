import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { isDeepStrictEqual } from 'node:util';
import { isSame } from '../../../../src/flow/syntax/recent-lists.js';
import { parseFlow } from '../../../../src/flow/syntax/text.js';
import { withPorts } from '../../../../src/flow/topology.js';
import type { Fault } from '../../../../src/model/errors.js';
import type { FlowText } from '../../../../src/model/flow.js';
import { flowText, oddTopology as topology } from '../../../support/flow-arbitrary.js';

const read = (text: FlowText, ports = topology) => {
  const faults: Fault[] = [];
  return { actions: parseFlow(text, ports, '', faults)?.actions, faults };
};
/** The same topology, of which nothing was read yet. */
const unread = () => withPorts(topology, topology.ports);

testProp('a list that was read before is read the same', [fc.array(flowText, { minLength: 1, maxLength: 9 })], (t, texts) => {
  const ports = unread();
  for (const text of [...texts, ...texts]) t.deepEqual(read(structuredClone(text), ports), read(text, unread()));
});

testProp('values of JSON are the same exactly where they are equal', [fc.jsonValue(), fc.jsonValue()], (t, a, b) => {
  // -0 is 0 in what is written, NaN is no JSON.
  const [one, other] = [a, b].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  t.is(isSame(one, other), isDeepStrictEqual(one, other));
  t.true(isSame(one, structuredClone(one)));
});

const ip = { eth_type: 2048 };
const ttl = { type: 'dec_ttl' } as const;

test('flows that do the same share one list', (t) => {
  const ports = unread();
  const text = (priority: number): FlowText => ({ priority, match: ip, actions: [ttl, { type: 'output', port: 'r1' }] });
  t.is(read(text(1), ports).actions, read(text(2), ports).actions);
});

test('a list is read anew where it hangs on the match, the table or the ports', (t) => {
  const ports = unread();
  t.deepEqual(read({ match: ip, actions: [ttl] }, ports).faults, []);
  t.is(read({ match: { eth_type: 2054 }, actions: [ttl] }, ports).faults.length, 1);
  const goto: FlowText['actions'] = [{ type: 'goto_table', table: 3 }];
  t.deepEqual(read({ table: 2, actions: goto }, ports).faults, []);
  t.is(read({ table: 3, actions: goto }, ports).faults.length, 1);
  const sending: FlowText = { actions: [{ type: 'output', port: 'r1' }] };
  t.deepEqual(read(sending, ports).faults, []);
  t.is(read(sending, withPorts(topology, topology.ports.slice(0, 1))).faults.length, 1);
});

test('a fault is told each time', (t) => {
  const ports = unread();
  const wrong: FlowText = { actions: [{ type: 'output', port: 'nowhere' }] };
  t.deepEqual(read(wrong, ports), read(wrong, ports));
  t.is(read(wrong, ports).faults.length, 1);
});
