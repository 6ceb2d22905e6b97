import test from 'ava';
import { expectedOf } from '../../../bench/measure/expect.js';
import { attackFrames, attackRules, bitFlips, inTurn, ordinaryFrames, victimFrames } from '../../../bench/rules/attack.js';
import { imixWork } from '../../../bench/rules/imix.js';
import { vxlanFrame } from '../../../bench/support/vxlan-frame.js';
import { internetChecksum, flowFrames } from '../../../bench/support/frames.js';
import type { WorkPort } from '../../../bench/subject.js';

const ports: WorkPort[] = [{ name: 'source', capture: '/c' }, { name: 'sink' }, { name: 'aside' }];
const outputs = (frames: readonly Buffer[]) =>
  expectedOf(
    { ports, rules: { flows: attackRules } },
    frames.map((frame) => ({ port: 'source', frame })),
  ).map((set) => [...set].map((text) => text.split(' ')[0]).join());

test("the victim's frames reach it, its neighbour's are let through, the attack is denied", (t) => {
  t.deepEqual([...new Set(outputs(victimFrames(20, 10)))], ['sink']);
  t.deepEqual([...new Set(outputs(ordinaryFrames(20, 10)))], ['aside']);
  t.deepEqual([...new Set(outputs(attackFrames(100)))], ['']);
});

test('bit flips are all different, each off by a bit in each of three fields', (t) => {
  const flips = bitFlips();
  t.is(flips.length, 32 * 16 * 16);
  t.is(new Set(flips.map((f) => JSON.stringify(f))).size, flips.length);
  t.deepEqual(
    inTurn(flowFrames(2), flowFrames(4).slice(2)).map((f) => f.readUInt32BE(30) & 3),
    [0, 2, 1, 3],
  );
});

test('imix has 200 security rules, 1,000 routes and packets of three sizes', (t) => {
  const { rules, sources } = imixWork(4800);
  const inTable = (table: number) => rules.flows.filter((flow) => (flow.table ?? 0) === table).length;
  t.deepEqual([0, 1, 2].map(inTable), [1, 200, 1000]);
  const sizes = [60, 590, 1514].map((bytes) => sources['source']!.filter((f) => f.length === bytes).length);
  t.true(Math.abs(sizes[0]! - 2800) < 200 && Math.abs(sizes[1]! - 1600) < 200, String(sizes));
  const expected = expectedOf(
    { ports, rules },
    sources['source']!.slice(0, 20).map((frame) => ({ port: 'source', frame })),
  );
  t.true(expected.every((set) => set.size === 1));
});

test('a VXLAN frame has its inner one behind 50 bytes, and its VNI', (t) => {
  const [inner] = flowFrames(1);
  const tunnel = {
    vni: 100,
    localMac: '02:00:00:00:00:21',
    remoteMac: '02:00:00:00:00:22',
    localIp: '192.0.2.1',
    remoteIp: '192.0.2.2',
  };
  const frame = vxlanFrame(inner!, tunnel, 50_000);
  t.deepEqual(frame.subarray(50), inner);
  t.is(frame.readUInt32BE(46), 100 << 8);
  t.deepEqual([frame.readUInt16BE(34), frame.readUInt16BE(36)], [50_000, 4789]);
  t.is(internetChecksum(frame.subarray(14, 34)), 0);
});
