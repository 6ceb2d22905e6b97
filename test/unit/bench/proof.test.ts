import test from 'ava';
import { expectedOf } from '../../../bench/measure/expect.js';
import { forwardingFault } from '../../../bench/measure/prove.js';
import { someFrames } from '../../../bench/measure/proof.js';
import { forward, hopMac } from '../../../bench/rules/actions.js';
import { oneRule } from '../../../bench/rules/one.js';
import { flowFrames } from '../../../bench/support/frames.js';

const ports = [{ name: 'source', capture: '/tmp/flows.pcap' }, { name: 'sink' }];
const macs = '020000000011020000000012';
const received = (count: number) => flowFrames(count).map((frame) => ({ port: 'source', frame }));

test('what is expected is what the rules say', (t) => {
  const { rules } = oneRule(2, forward());
  const expected = expectedOf({ ports, rules }, received(2)).map((set) => [...set]);
  t.deepEqual(
    expected,
    flowFrames(2).map((frame) => [`sink ${macs}${frame.toString('hex', 12)}`]),
  );
});

test('of a group that chooses, each member is an alternative', (t) => {
  const buckets = [0, 1, 2].map((i) => ({ weight: 1, actions: forward(hopMac(i)) }));
  const { rules } = oneRule(1, [{ type: 'group', group: 1 }], { groups: [{ group: 1, type: 'select', buckets }] });
  const [alternatives] = expectedOf({ ports, rules }, received(1));
  t.deepEqual(
    [...alternatives!].map((text) => text.slice(5, 17)),
    ['020000000100', '020000000101', '020000000102'],
  );
});

test('rules that are wrong are named', (t) => {
  const { rules } = oneRule(1, [{ type: 'output', port: 'nowhere' }]);
  t.throws(() => expectedOf({ ports, rules }, received(1)), { message: /\/flows\/0.*nowhere/ });
});

const expected = [new Set(['sink aa']), new Set(['sink bb', 'sink bc']), new Set<string>()];

test('the proof accepts any order and any alternative, repeated', (t) => {
  t.is(forwardingFault(expected, ['sink bc', 'sink aa', 'sink bb', 'sink aa']), undefined);
});

test('the proof names what is not as the rules say', (t) => {
  t.regex(forwardingFault(expected, ['sink aa']) ?? '', /of 2 different frames 1 were not sent/);
  t.regex(forwardingFault(expected, ['sink aa', 'other bb']) ?? '', /no frame: other bb/);
  t.regex(forwardingFault([new Set<string>()], []) ?? '', /nothing to prove/);
});

test('bytes that a switch may choose are not compared', (t) => {
  const sets = [new Set(['sink aa00cc'])];
  t.is(forwardingFault(sets, ['sink aaffcc'], [[1, 2]]), undefined);
  t.regex(forwardingFault(sets, ['sink aaffcd'], [[1, 2]]) ?? '', /no frame/);
});

test('some frames are from all over the capture', (t) => {
  const frames = flowFrames(1000);
  const some = someFrames(frames);
  t.is(some.length, 64);
  t.is(some[63], frames[63 * 15]);
  t.is(someFrames(frames.slice(0, 5)).length, 5);
});
