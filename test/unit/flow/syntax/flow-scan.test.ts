import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { scanAdds } from '../../../../src/flow/scanned-adds.js';
import { parseFlow } from '../../../../src/flow/syntax/text.js';
import type { FlowText } from '../../../../src/model/flow.js';
import { PackedMatch, packMatch } from '../../../../src/model/packed-match.js';
import { flowText, oddTopology as topology } from '../../../support/flow-arbitrary.js';

const bodyOf = (flows: readonly FlowText[], space = 0): Buffer =>
  Buffer.from(JSON.stringify({ operations: flows.map((flow) => ({ op: 'add', flow })) }, undefined, space));

testProp('flows that are scanned are those that are parsed', [fc.array(flowText, { minLength: 1, maxLength: 8 })], (t, flows) => {
  // Twice each: what is written as before is not read again.
  const texts = flows.flatMap((flow) => [flow, flow]);
  for (const space of [0, 2]) {
    const scanned = scanAdds(bodyOf(texts, space), topology);
    if (!scanned) {
      // Left to the parser: what it reads otherwise, or what names groups and meters.
      t.regex(JSON.stringify(texts), /group|meter|write_actions|cookie|[^\x20-\x7e]/);
      continue;
    }
    t.is(scanned.flows.length, texts.length);
    t.deepEqual(
      scanned.texts(),
      texts.map((text) => ({ op: 'add', flow: JSON.parse(JSON.stringify(text)) as FlowText })),
    );
    for (const [i, text] of texts.entries()) {
      const parsed = parseFlow(text, topology, '', []);
      const found = scanned.flows[i];
      if (!parsed || !found) return t.fail();
      t.is(found.band, 'operator');
      t.true(found.match instanceof PackedMatch);
      t.is(packMatch(found.match).key, packMatch(parsed.match).key);
      for (const name of ['table', 'priority', 'actions', 'cookie', 'idleTimeout', 'hardTimeout'] as const)
        t.deepEqual(found[name], parsed[name]);
    }
  }
});

const flow = '{"match":{"in_port":"%"},"actions":[]}'.replace('"%"', '77');
const body = (flows: string): string => `{"operations":[${flows}]}`;
const add = (text: string): string => `{"op":"add","flow":${text}}`;

test('one flow', (t) => {
  t.is(scanAdds(Buffer.from(body(add(flow))), topology)?.flows.length, 1);
});

test('a cookie as large as a number of JSON can be is read to its last digit', (t) => {
  for (const cookie of [9_007_199_254_740_969, Number.MAX_SAFE_INTEGER])
    t.is(scanAdds(Buffer.from(body(add(`{"cookie":${cookie},"actions":[]}`))), topology)?.flows[0]?.cookie, BigInt(cookie));
});

for (const [what, text] of Object.entries({
  nothing: '',
  'no flow': body(''),
  'something after it': body(add(flow)) + ' x',
  'a comma too many': body(add(flow) + ','),
  'another operation': body(add(flow) + ',{"op":"delete","flow":{}}'),
  check_overlap: body(`{"op":"add","flow":${flow},"check_overlap":true}`),
  'another property': body(add('{"actions":[],"colour":1}')),
  'no actions': body(add('{"match":{}}')),
  'a name twice': body(add('{"match":{"in_port":77,"in_port":77},"actions":[]}')),
  'actions twice': body(add('{"actions":[],"actions":[]}')),
  'a field that is none': body(add('{"match":{"in_prot":77},"actions":[]}')),
  'a value that is none': body(add('{"match":{"in_port":"no such port"},"actions":[]}')),
  'a missing prerequisite': body(add('{"match":{"udp_dst":53},"actions":[]}')),
  'a number beyond its range': body(add('{"priority":65536,"actions":[]}')),
  'a fraction': body(add('{"priority":1.5,"actions":[]}')),
  'a leading zero': body(add('{"priority":01,"actions":[]}')),
  'a number below zero': body(add('{"priority":-1,"actions":[]}')),
  'a text that is escaped': body(add('{"match":{"in_port":"\\u0033"},"actions":[]}')),
  'an action that is none': body(add('{"actions":[{"type":"fly"}]}')),
  'an action with a fault': body(add('{"actions":[{"type":"output","port":"no such port"}]}')),
  'actions that are no JSON': body(add('{"actions":[{"type":"dec_ttl"]}]}')),
  'a group': body(add('{"actions":[{"type":"group","group":1}]}')),
  'a list without end': '{"operations":[' + add('{"actions":[[[').slice(0, -1),
}))
  test(`left to the parser: ${what}`, (t) => {
    t.is(scanAdds(Buffer.from(text), topology), undefined);
  });
