import test from 'ava';
import { noNat } from '../../../src/flow/syntax/conntrack-text.js';
import type { ConntrackAction } from '../../../src/model/action.js';
import { parseIp } from '../../../src/model/address.js';
import { ctStateBits } from '../../../src/model/conntrack.js';
import { frameOf, ipPacket, type Shape } from '../../support/ct-cases/frames.js';
import { Connections } from '../../support/reference/conntrack.js';
import { checksumOf } from '../../support/reference/checksum.js';
import { parsePacket } from '../../support/reference/parse.js';
import { Packet } from '../../support/reference/state.js';
import { trackedOf, turned, type Ends } from '../../support/reference/tracked.js';
import { translate } from '../../support/reference/translate.js';

const address = (text: string): bigint => parseIp(text)!.value;
const there: Ends = { src: address('10.0.0.1'), dst: address('10.9.0.1'), srcPort: 1000, dstPort: 80 };
const back = turned(there);
const commit: ConntrackAction = {
  type: 'conntrack',
  zone: 1,
  commit: true,
  mark: 0n,
  markMask: 0n,
  label: 0n,
  labelMask: 0n,
  ...noNat,
};
const look: ConntrackAction = { ...commit, commit: false };
const never = (): undefined => undefined;
const words = (state: number): string => ctStateBits.filter((_, i) => (state & (1 << i)) !== 0).join(' ');

function stateOf(connections: Connections, shape: Omit<Shape, 'family'>, action = commit): string {
  const bytes = frameOf(1, { family: 4, ...shape });
  const { state, drop } = connections.track(trackedOf(bytes, parsePacket(bytes)), action);
  return drop ?? words(state);
}

const [fin, syn, rst, ack] = [1, 2, 4, 16];
const dialogues: Readonly<Record<string, readonly (readonly [ends: Ends, flags: number, state: string])[]>> = {
  'a handshake, and a SYN again before it': [
    [there, syn, 'new trk'],
    [there, syn, 'new trk'],
    [back, syn | ack, 'est rpl trk'],
    [there, ack, 'est trk'],
  ],
  'a simultaneous open': [
    [there, syn, 'new trk'],
    [back, syn, 'est rpl trk'],
    [there, syn | ack, 'est trk'],
  ],
  'answers to nothing': [
    [back, syn | ack, 'inv trk'],
    [there, rst, 'inv trk'],
    [there, syn | fin, 'inv trk'],
    [there, 0, 'inv trk'],
  ],
  'a SYN after a reset begins anew, from either side': [
    [there, syn, 'new trk'],
    [back, rst | ack, 'est rpl trk'],
    [there, ack, 'est trk'],
    [back, syn, 'new trk'],
    [there, syn | ack, 'est rpl trk'],
  ],
  'a SYN after both have closed begins anew': [
    [there, syn, 'new trk'],
    [back, syn | ack, 'est rpl trk'],
    [there, ack, 'est trk'],
    [there, fin | ack, 'est trk'],
    [back, fin | ack, 'est rpl trk'],
    [there, syn, 'est trk'],
    [there, ack, 'est trk'],
    [there, syn, 'new trk'],
  ],
};
for (const [name, steps] of Object.entries(dialogues)) {
  test(`TCP: ${name}`, (t) => {
    const connections = new Connections(never);
    t.deepEqual(
      steps.map(([ends, flags]) => stateOf(connections, { proto: 6, ends, flags })),
      steps.map(([, , state]) => state),
    );
  });
}

test('mid-stream is new where that is allowed', (t) => {
  t.is(stateOf(new Connections(never), { proto: 6, ends: there, flags: ack }), 'new trk');
  t.is(stateOf(new Connections(never, false), { proto: 6, ends: there, flags: ack }), 'inv trk');
});

test('nothing is kept without a commit, nor seen in another zone', (t) => {
  const connections = new Connections(never);
  t.is(stateOf(connections, { proto: 17, ends: there }, look), 'new trk');
  t.is(stateOf(connections, { proto: 17, ends: there }), 'new trk');
  t.is(stateOf(connections, { proto: 17, ends: back }, { ...look, zone: 2 }), 'new trk');
  t.is(stateOf(connections, { proto: 17, ends: back }, look), 'est rpl trk');
  t.is(connections.all.length, 1);
});

test('echo replies are of their request, errors of what they quote', (t) => {
  const connections = new Connections(never);
  const ping = { ...there, srcPort: 7, dstPort: 7 };
  t.is(stateOf(connections, { proto: 1, ends: turned(ping), icmpType: 0 }), 'inv trk');
  t.is(stateOf(connections, { proto: 1, ends: ping, icmpType: 8 }), 'new trk');
  t.is(stateOf(connections, { proto: 1, ends: turned(ping), icmpType: 0 }), 'est rpl trk');
  t.is(stateOf(connections, { proto: 17, ends: there }), 'new trk');
  const about = (ends: Ends): Omit<Shape, 'family'> => ({
    proto: 1,
    ends: { ...back, srcPort: 0, dstPort: 0 },
    icmpType: 3,
    quoted: ipPacket({ family: 4, proto: 17, ends }),
  });
  t.is(stateOf(connections, about(there)), 'rel rpl trk');
  t.is(stateOf(connections, { ...about(back), ends: { ...there, srcPort: 0, dstPort: 0 } }), 'rel trk');
  t.is(stateOf(connections, about(back)), 'inv trk', 'it goes to who did not send what it quotes');
  t.is(stateOf(connections, about({ ...there, srcPort: 9 })), 'inv trk');
});

test('a translation is within its range, nobody else’s, and keeps the port where it can', (t) => {
  const outside = { nat: 'src', family: 4, low: address('192.0.2.1'), high: address('192.0.2.1') } as const;
  const legal: string[] = [];
  const connections = new Connections((_, isLegal) => {
    const choices = [
      ['192.0.2.2', 1000],
      ['192.0.2.1', 1001],
      ['192.0.2.1', 1000],
    ] as const;
    const right = choices.filter(([src, srcPort]) => isLegal({ ...there, src: address(src), srcPort }));
    legal.push(right.map((choice) => choice.join(':')).join(' '));
    return { ...there, src: address('192.0.2.1'), srcPort: right[0]![1] };
  });
  t.is(stateOf(connections, { proto: 17, ends: there }, { ...commit, ...outside }), 'new trk snat');
  const other = { ...there, src: address('10.0.0.2') };
  t.is(stateOf(connections, { proto: 17, ends: other }, { ...commit, ...outside }), 'new trk snat');
  t.deepEqual(legal, ['192.0.2.1:1000', '192.0.2.1:1001']);
  const answer = { ...back, dst: address('192.0.2.1') };
  t.is(stateOf(connections, { proto: 17, ends: answer }, { ...look, nat: 'known' }), 'est rpl trk dnat');
  t.is(stateOf(connections, { proto: 17, ends: answer }, look), 'est rpl trk');
});

for (const [name, shape] of Object.entries({
  'TCP over IPv4': { family: 4, proto: 6, ends: there, payload: 3 },
  'UDP over IPv6': { family: 6, proto: 17, ends: there, payload: 4 },
  'an ICMPv6 query': { family: 6, proto: 58, ends: { ...there, srcPort: 5, dstPort: 5 }, icmpType: 128 },
  'an ICMP error': {
    family: 4,
    proto: 1,
    ends: { ...back, srcPort: 0, dstPort: 0 },
    icmpType: 3,
    quoted: ipPacket({ family: 4, proto: 6, ends: there, payload: 5 }),
  },
} satisfies Record<string, Shape>)) {
  test(`checksums stay right: ${name}`, (t) => {
    const packet = new Packet(1, frameOf(1, shape));
    const tracked = trackedOf(packet.bytes, packet.parsed);
    const to = {
      src: address('192.0.2.1'),
      dst: tracked.ends.dst,
      srcPort: 77,
      dstPort: tracked.kind === 'request' ? 77 : tracked.ends.dstPort,
    };
    translate(packet, tracked, to);
    const { parsed, bytes } = new Packet(1, packet.bytes);
    t.deepEqual(trackedOf(bytes, parsed).ends, to);
    const transport = bytes.slice(parsed.at.transport, parsed.end);
    const hex = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(shape.family === 4 ? 8 : 32, '0'), 'hex');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(transport.length);
    const pseudo =
      shape.proto === 1
        ? Buffer.alloc(0)
        : Buffer.concat([hex(to.src), hex(to.dst), length, Buffer.from([0, 0, 0, shape.proto])]);
    t.is(checksumOf(pseudo, transport), 0);
    if (shape.family === 4) t.is(checksumOf(bytes.slice(14, 34)), 0);
  });
}
