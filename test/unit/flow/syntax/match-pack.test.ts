import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { parseFlow } from '../../../../src/flow/syntax/text.js';
import { packText } from '../../../../src/flow/syntax/match-pack.js';
import { explainMatch, maskKey, matchKey } from '../../../../src/flow/syntax/match-text.js';
import type { Fault } from '../../../../src/model/errors.js';
import { matchFields, type FieldName, type Match, type MatchText } from '../../../../src/model/match.js';
import { PackedMatch, packMatch } from '../../../../src/model/packed-match.js';
import { flowText, oddTopology as topology } from '../../../support/flow-arbitrary.js';

const explained = (text: MatchText): { match: Match; faults: Fault[] } => {
  const faults: Fault[] = [];
  return { match: explainMatch(text, topology, '', faults), faults };
};

testProp('a match that is packed as it is read is the one that is read field by field', [flowText], (t, { match = {} }) => {
  const { match: slow, faults } = explained(match);
  const quick = packText(match, topology, 0, 0);
  t.deepEqual(faults, []);
  t.deepEqual([...(quick ?? [])], [...slow]);
  t.is(quick?.key, matchKey(slow));
  for (const { name } of matchFields) {
    t.deepEqual(quick?.get(name), slow.get(name));
    t.is(quick?.has(name), slow.has(name));
  }
});

/** What is a value of some field, or nearly. */
const written = fc.oneof(
  fc.constantFrom('010.0.0.1', '10.0.0', '10.0.0.1.', '10.0.0.256', '10.0.0.0/0', '10.0.0.0/8', '10.0.0.1/8', '10.0.0.0/33'),
  fc.constantFrom('10.0.0.0/', '1.2.3.4/032', '02:00:00:00:00:0g', '02-00-00-00-00-01', '02:00:00:00:00:01', '', '0x10', '-1'),
  fc.constantFrom(-1, 0, 0.5, 65535, 65536, 2 ** 48, Number.MAX_SAFE_INTEGER, 2 ** 53, NaN, 'up', 'first', '+syn', '7-9'),
  fc.ipV4(),
  fc.ipV6(),
  fc.stringMatching(/^[0-9.:/x-]{0,19}$/),
);
const anyMatch = fc.dictionary(fc.constantFrom<FieldName[]>(...matchFields.map(({ name }) => name)), written, { maxKeys: 3 });

testProp('what it does not read has a fault, or misses a prerequisite', [anyMatch], (t, text) => {
  const quick = packText(text, topology, 0, 0);
  const { match, faults } = explained(text);
  const ofValues = faults.filter(({ message }) => !/can be matched only|only a tagged packet/.test(message));
  t.is(quick === undefined, ofValues.length > 0);
  if (quick) t.deepEqual([...quick], [...match]);
});

testProp('the order in which fields are written makes no difference', [flowText], (t, { match = {} }) => {
  const turned = Object.fromEntries(Object.entries(match).reverse());
  t.is(packText(turned, topology, 3, 4)?.key, packText(match, topology, 3, 4)?.key);
});

testProp(
  'keys are equal exactly where matches are, and masks where the same bits are looked at',
  [flowText, flowText],
  (t, a, b) => {
    const [one, other] = [a, b].map((text) => parseFlow(text, topology, '', [])?.match ?? new Map()) as [Match, Match];
    const told = (match: Match, part: 'all' | 'mask') =>
      [...match].map(
        ([name, { value, mask, high }]) => `${name} ${mask} ${high !== undefined} ${part === 'all' ? `${value} ${high}` : ''}`,
      );
    t.is(matchKey(one) === matchKey(other), told(one, 'all').join() === told(other, 'all').join());
    t.is(maskKey(one) === maskKey(other), told(one, 'mask').join() === told(other, 'mask').join());
  },
);

test('a match behaves as the map that it is', (t) => {
  const match = packMatch(
    new Map([
      ['eth_type', { value: 0x800n, mask: 0xffffn }],
      ['ipv4_dst', { value: 0x0a000000n, mask: 0xff000000n }],
    ]),
  );
  t.is(match.size, 2);
  t.deepEqual([...match.keys()], ['eth_type', 'ipv4_dst']);
  t.deepEqual(
    [...match.values()],
    [
      { value: 0x800n, mask: 0xffffn },
      { value: 0x0a000000n, mask: 0xff000000n },
    ],
  );
  const seen: string[] = [];
  match.forEach((field, name, all) => seen.push(`${name} ${field.value} ${all.size}`));
  t.deepEqual(seen, ['eth_type 2048 2', 'ipv4_dst 167772160 2']);
  t.is(match.get('in_port'), undefined);
});

test('a key is of one table and priority; packed for another the match is the same', (t) => {
  const match = packText({ eth_type: 2048, ip_dscp: '0x10/0x30' }, topology, 5, 0x1234);
  t.true(match instanceof PackedMatch);
  if (!match) return;
  t.is(packMatch(match, 5, 0x1234), match);
  const other = packMatch(match, 5, 0x1235);
  t.not(other.key, match.key);
  t.deepEqual([...other], [...match]);
  t.is(other.shape, match.shape);
});
